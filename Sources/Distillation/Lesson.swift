public import Tensors

/// What a network says about points: one row a point.
public struct Signals: Sendable {
    /// The scores of the classes, before softmax: n x classes.
    public var logits: Tensor
    /// The features at the tap, by default those the head reads: n x channels.
    ///
    /// The channels of a student and a teacher may differ in number.
    public var features: Tensor

    /// The signals of n points.
    public init(logits: Tensor, features: Tensor) {
        precondition(
            logits.rows == features.rows,
            "\(logits.rows) rows of logits beside \(features.rows) rows of features.")
        self.logits = logits
        self.features = features
    }

    /// The same values as constants, on no tape.
    public var detached: Signals {
        Signals(logits: logits.detached, features: features.detached)
    }
}

/// One micro-shard as the objectives see it: its clouds, their labels, and what student and teacher
/// say about them.
///
/// Rows are points, cloud after cloud.
public struct Lesson: Sendable {
    /// The label of a point that counts for nothing where labels are asked for.
    public static let ignored: Int32 = -1

    /// The rows of each cloud, in order and without gaps.
    public let cloudRanges: [Range<Int>]
    /// The place of each cloud in the mini-batch: 0, 1, … over all micro-shards.
    public let cloudIDs: [Int]
    /// The class of each row, or ``ignored``.
    public let labels: [Int32]
    /// How many classes there are.
    public let classes: Int
    /// What the student says, on its tape.
    public let student: Signals
    /// What the teacher says, as constants; nil where there is no teacher.
    public let teacher: Signals?
    /// The seed of the run.
    public let seed: UInt64
    /// The step of the run.
    public let step: Int

    /// A micro-shard's lesson.
    ///
    /// The teacher's signals are detached: no gradient can reach them.
    public init(
        cloudRanges: [Range<Int>], cloudIDs: [Int], labels: [Int32], classes: Int,
        student: Signals, teacher: Signals?, seed: UInt64, step: Int
    ) {
        precondition(cloudRanges.count == cloudIDs.count, "Each cloud has a range and a place.")
        var end = 0
        for range in cloudRanges {
            precondition(range.lowerBound == end, "The clouds' rows must follow one another.")
            end = range.upperBound
        }
        precondition(
            labels.count == end && student.logits.rows == end
                && (teacher.map { $0.logits.rows == end } ?? true),
            "\(end) rows in the clouds, \(labels.count) labels, \(student.logits.rows) rows of the "
                + "student, \(teacher?.logits.rows ?? end) of the teacher.")
        precondition(student.logits.columns == classes, "The student's logits are n x classes.")
        self.cloudRanges = cloudRanges
        self.cloudIDs = cloudIDs
        self.labels = labels
        self.classes = classes
        self.student = student
        self.teacher = teacher?.detached
        self.seed = seed
        self.step = step
    }

    /// How many points.
    public var rows: Int { labels.count }
}

extension Lesson {
    /// The teacher's signals, or the sentence of an objective that cannot do without.
    func teacher(for objective: some Objective) throws -> Signals {
        guard let teacher else {
            throw ObjectiveError(
                "\(type(of: objective).name) compares the student with a teacher, but the recipe "
                    + "names none: give it a teacher or remove the objective.")
        }
        return teacher
    }

    /// Throws unless every label is ``ignored`` (or any other negative number) or a class.
    func checkLabels(for objective: some Objective) throws {
        guard let row = labels.firstIndex(where: { $0 >= classes }) else { return }
        throw ObjectiveError(
            "\(type(of: objective).name): point \(row) of the micro-shard has label \(labels[row]), "
                + "but there are \(classes) classes: map the data set's labels to 0 ..< \(classes) "
                + "or -1.")
    }
}
