package import Networks
package import PointClouds
package import Tensors

/// Micro-shard as objectives read it: labels and geometry of its clouds, and the outputs of student and
/// teacher.
///
/// Rows are points (voxels), cloud after cloud; rows of a coarser stage are that stage's voxels.
package struct ObjectiveInput: Sendable {
    /// The label of points without a class.
    package static let ignored: Int32 = -1

    /// Outputs of both networks for one view of the clouds.
    package struct View: Sendable {
        /// The student's outputs, on the input's tape.
        package internal(set) var student: NetworkOutputs
        /// The teacher's outputs, as constants; nil where there is no teacher.
        package let teacher: NetworkOutputs?

        /// Outputs for one view; the teacher's are detached.
        package init(student: NetworkOutputs, teacher: NetworkOutputs?) {
            self.student = student
            // A teacher on a tape would receive unused gradients, at the cost of its backward pass.
            self.teacher = teacher?.detached
        }
    }

    /// Outputs of the student with averaged weights; constants.
    package struct Average: Sendable {
        /// The outputs with averaged weights, in evaluation mode.
        package let student: NetworkOutputs
        /// The moving averages of the objective's parameters.
        package internal(set) var parameters: BoundParameters

        /// Outputs of the averaged student, detached.
        package init(student: NetworkOutputs, parameters: BoundParameters = .none) {
            self.student = student.detached
            self.parameters = parameters.detached
        }
    }

    /// The voxels of every stage: the rows of every tap.
    package let hierarchy: PointHierarchy
    /// The positions of each cloud's points in the weak view, metres; rows of stage 0.
    package let positions: [[SIMD3<Float>]]
    /// The id of each cloud's sample, the same in every step.
    package let samples: [UInt64]
    /// The place of each cloud in the mini-batch: 0, 1, … over all micro-shards.
    package let cloudIDs: [Int]
    /// The class of each row, or ``ignored``.
    package let labels: [Int32]
    /// The number of classes.
    package let classes: Int
    /// The outputs for the weak view.
    private var weak: View
    /// The outputs for the strong view, whose rows are those of the weak view at every stage; present if
    /// some objective needs ``Needs/strongView``.
    package internal(set) var strong: View?
    /// The outputs of the averaged student for the weak view; present if some objective needs
    /// ``Needs/average``.
    package internal(set) var average: Average?
    /// The number of quarter turns about z of each cloud, 0 ..< 4; present if some objective needs
    /// ``Needs/quarterTurns``.
    package let quarterTurns: [Int]?
    /// The objective's parameters (``Objective/parameters(for:)``), on the input's tape.
    package internal(set) var parameters: BoundParameters
    /// The seed of the run.
    package let seed: UInt64
    /// The step of the run.
    package let step: Int
    /// Replaces tensors that are held constant; nil keeps them.
    private let holding: (@Sendable (Tensor) -> Tensor)?

    /// The input of a micro-shard.
    ///
    /// The teacher's outputs are detached: no gradient can reach them.
    ///
    /// - Parameter holding: replaces tensors that are held constant (``held(_:)``), for checks that vary
    ///   everything else; nil keeps them.
    package init(
        hierarchy: PointHierarchy, positions: [[SIMD3<Float>]], samples: [UInt64],
        cloudIDs: [Int], labels: [Int32], classes: Int, student: NetworkOutputs,
        teacher: NetworkOutputs?,
        strong: View? = nil, average: Average? = nil, quarterTurns: [Int]? = nil,
        parameters: BoundParameters = .none, seed: UInt64, step: Int,
        holding: (@Sendable (Tensor) -> Tensor)? = nil
    ) {
        let ranges = hierarchy.stages[0].cloudRanges
        precondition(
            ranges.count == cloudIDs.count && ranges.count == samples.count
                && ranges.map(\.count) == positions.map(\.count)
                && quarterTurns.map { $0.count == ranges.count } ?? true,
            "Each cloud has rows, positions, a place, a sample and, if any has, a turn.")
        let rows = hierarchy.stages[0].rows
        precondition(
            labels.count == rows && student.logits.rows == rows
                && (teacher.map { $0.logits.rows == rows } ?? true),
            "\(rows) rows in the clouds, \(labels.count) labels, \(student.logits.rows) rows of the "
                + "student, \(teacher?.logits.rows ?? rows) of the teacher.")
        precondition(student.logits.columns == classes, "The student's logits are n x classes.")
        for tap in student.taps {
            precondition(
                student.features(at: tap).rows == hierarchy.stages[tap.stage].rows,
                "The student's features at \(tap) are not those of its stage's voxels.")
        }
        self.hierarchy = hierarchy
        self.positions = positions
        self.samples = samples
        self.cloudIDs = cloudIDs
        self.labels = labels
        self.classes = classes
        weak = View(student: student, teacher: teacher)
        self.strong = strong
        self.average = average
        self.quarterTurns = quarterTurns
        self.parameters = parameters
        self.seed = seed
        self.step = step
        self.holding = holding
    }

    /// The student's outputs for the weak view, on the input's tape.
    package internal(set) var student: NetworkOutputs {
        get { weak.student }
        set { weak.student = newValue }
    }

    /// The teacher's outputs for the weak view, as constants; nil where there is no teacher.
    package var teacher: NetworkOutputs? { weak.teacher }

    /// The number of points.
    package var rows: Int { labels.count }

    /// The rows of each cloud, in order and without gaps.
    package var cloudRanges: [Range<Int>] { hierarchy.stages[0].cloudRanges }
}

// MARK: - Stages

extension ObjectiveInput {
    /// The rows of each cloud at a stage: those of features at a tap of that stage.
    package func cloudRanges(ofStage stage: Int) -> [Range<Int>] {
        hierarchy.stages[stage].cloudRanges
    }

    /// The rows of each cloud in ``NetworkOutputs/features``, those of the recipe's tap.
    package var featureRanges: [Range<Int>] { cloudRanges(ofStage: student.tap.stage) }

    /// The position of each row of a stage: the mean over the finer rows that it pools.
    ///
    /// O(points) per call.
    package func positions(ofStage stage: Int) -> [SIMD3<Float>] {
        hierarchy.stages[..<(stage + 1)].dropFirst().reduce(positions.flatMap { $0 }) {
            $1.pooled(positions: $0)
        }
    }

    /// The number of rows of a stage.
    package func rows(ofStage stage: Int) -> Int { hierarchy.stages[stage].rows }

    /// The class of each row of a stage: the most frequent label among the points that it pools.
    ///
    /// The smaller class among equals; ``ignored`` where no point has a label. O(points) per call.
    package func labels(ofStage stage: Int) -> [Int32] {
        // Stage 0 pools nothing; counting majorities would only copy the labels.
        guard stage > 0 else { return labels }
        return hierarchy.segments(ofStage: stage).majority(of: labels.map { max($0, Self.ignored) })
    }

    /// The quarter turns of each row's cloud at a stage; nil unless some objective needs them.
    package func quarterTurns(ofStage stage: Int) -> [Int]? {
        quarterTurns.map { turns in
            zip(turns, cloudRanges(ofStage: stage)).flatMap {
                Array(repeating: $0, count: $1.count)
            }
        }
    }
}

// MARK: - What an objective relies on

extension ObjectiveInput {
    /// A tensor as a constant where a term stops the gradient on purpose.
    ///
    /// The loss then depends on the student in ways that its gradient leaves out. The contract keeps such
    /// tensors fixed while it varies the student; a tensor that is merely detached would look like a wrong
    /// gradient.
    package func held(_ tensor: Tensor) -> Tensor {
        holding?(tensor.detached) ?? tensor.detached
    }

    /// The teacher's outputs; throws one sentence, naming the objective, where there is no teacher.
    package func teacher(for objective: some Objective) throws -> NetworkOutputs {
        guard let teacher else { throw ObjectiveError.noTeacher(type(of: objective).name) }
        return teacher
    }

    /// Throws unless every label is ``ignored`` (or any other negative number) or a class.
    package func checkLabels(for objective: some Objective) throws {
        guard let row = labels.firstIndex(where: { $0 >= classes }) else { return }
        throw ObjectiveError(
            "\(type(of: objective).name): point \(row) of the micro-shard has label \(labels[row]), "
                + "but there are \(classes) classes: map the data set's labels to 0 ..< \(classes) "
                + "or -1.")
    }
}

extension ObjectiveError {
    static func noTeacher(_ name: String) -> ObjectiveError {
        ObjectiveError(
            "\(name) compares the student with a teacher, but the recipe names none: give it a "
                + "teacher or remove the objective.")
    }
}

extension ObjectiveInput {
    /// The same input with other outputs of the teacher, for the weak and the strong view.
    func replacingTeacher(weak: NetworkOutputs?, strong: NetworkOutputs?) -> ObjectiveInput {
        var changed = self
        changed.weak = View(student: student, teacher: weak)
        if let view = self.strong { changed.strong = View(student: view.student, teacher: strong) }
        return changed
    }
}

// MARK: - Tapes

extension ObjectiveInput {
    /// The same input with the student's outputs and the given parameters as variables of another tape.
    ///
    /// `outputs` are the variables in the order of ``studentTensors``. No value is copied.
    func moved(
        to tape: Tape, parameters: BoundParameters, average: BoundParameters
    ) -> (input: ObjectiveInput, outputs: [Tensor]) {
        var moved = self
        moved.student = student.mapped { tape.variable($0) }
        moved.strong?.student = strong!.student.mapped { tape.variable($0) }
        // Averages stay constants: they follow the weights and are never trained.
        moved.parameters = parameters.variables(on: tape)
        moved.average?.parameters = average.detached
        return (moved, moved.studentTensors)
    }

    /// The same input with constants only.
    func detached(parameters: BoundParameters, average: BoundParameters) -> ObjectiveInput {
        var constant = self
        constant.student = student.detached
        constant.strong?.student = strong!.student.detached
        constant.parameters = parameters.detached
        constant.average?.parameters = average.detached
        return constant
    }

    /// All outputs of the student that a loss can depend on, in a fixed order.
    var studentTensors: [Tensor] { student.tensors + (strong?.student.tensors ?? []) }
}
