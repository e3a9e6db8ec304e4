package import Networks
package import PointClouds
package import Tensors

/// One micro-shard as the objectives see it: its clouds, their labels and geometry, and what student
/// and teacher say about them.
///
/// Rows are points (voxels), cloud after cloud; rows of a coarser stage are that stage's voxels.
package struct ObjectiveInput: Sendable {
    /// The label of a point that counts for nothing where labels are asked for.
    package static let ignored: Int32 = -1

    /// What both networks say about one view of the clouds.
    package struct View: Sendable {
        /// What the student says, on the input's tape.
        package internal(set) var student: NetworkOutputs
        /// What the teacher says, as constants; nil where there is no teacher.
        package let teacher: NetworkOutputs?

        /// Outputs for one view; the teacher's are detached.
        package init(student: NetworkOutputs, teacher: NetworkOutputs?) {
            self.student = student
            self.teacher = teacher?.detached
        }
    }

    /// What the moving average of the weights says: constants.
    package struct Average: Sendable {
        /// What the student's network says with the averaged weights, in evaluation mode.
        package let student: NetworkOutputs
        /// The objective's own parameters, averaged.
        package internal(set) var parameters: BoundParameters

        /// Outputs of the averaged student, detached.
        package init(student: NetworkOutputs, parameters: BoundParameters = .none) {
            self.student = student.detached
            self.parameters = parameters.detached
        }
    }

    /// The voxels stage by stage: the rows of every tap.
    package let hierarchy: PointHierarchy
    /// Where each cloud's points are, metres, as the weak view has moved them; rows of stage 0.
    package let positions: [[SIMD3<Float>]]
    /// The sample each cloud shows: the same from step to step.
    package let samples: [UInt64]
    /// The place of each cloud in the mini-batch: 0, 1, … over all micro-shards.
    package let cloudIDs: [Int]
    /// The class of each row, or ``ignored``.
    package let labels: [Int32]
    /// How many classes there are.
    package let classes: Int
    /// What is said about the clouds' (weak) view.
    private var weak: View
    /// What is said about the strong view, whose rows are those of the weak one at every stage;
    /// there iff some objective needs ``Needs/strongView``.
    package internal(set) var strong: View?
    /// What the averaged student says about the weak view; there iff some objective needs
    /// ``Needs/average``.
    package internal(set) var average: Average?
    /// By how many quarter turns about z each cloud was turned, 0 ..< 4; there iff some objective
    /// needs ``Needs/quarterTurns``.
    package let quarterTurns: [Int]?
    /// The objective's own parameters (``Objective/parameters(for:)``), on the input's tape.
    package internal(set) var parameters: BoundParameters
    /// The seed of the run.
    package let seed: UInt64
    /// The step of the run.
    package let step: Int
    /// What stands for a tensor that is held constant; nil for the tensor itself.
    private let holding: (@Sendable (Tensor) -> Tensor)?

    /// A micro-shard's input.
    ///
    /// The teacher's outputs are detached: no gradient can reach them.
    ///
    /// - Parameter holding: what stands for a tensor that is held constant (``held(_:)``), for checks
    ///   that move everything else; nil for the tensor itself.
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

    /// What the student says, on the input's tape.
    package internal(set) var student: NetworkOutputs {
        get { weak.student }
        set { weak.student = newValue }
    }

    /// What the teacher says, as constants; nil where there is no teacher.
    package var teacher: NetworkOutputs? { weak.teacher }

    /// How many points.
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

    /// Where each row of a stage is: the mean of the positions of the finer rows it pools.
    ///
    /// O(points) a call.
    package func positions(ofStage stage: Int) -> [SIMD3<Float>] {
        hierarchy.stages[..<(stage + 1)].dropFirst().reduce(positions.flatMap { $0 }) {
            $1.pooled(positions: $0)
        }
    }

    /// How many rows a stage has.
    package func rows(ofStage stage: Int) -> Int { hierarchy.stages[stage].rows }

    /// The class of each row of a stage: the most frequent among the labels of the points it pools.
    ///
    /// The smaller class among equals; ``ignored`` where no point has a label. O(points) a call.
    package func labels(ofStage stage: Int) -> [Int32] {
        guard stage > 0 else { return labels }
        return hierarchy.segments(ofStage: stage).majority(of: labels.map { max($0, Self.ignored) })
    }

    /// The quarter turns of each row's cloud at a stage; nil where nobody has asked for turns.
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
    /// A tensor as a constant that a term compares with, where it means to stop the gradient.
    ///
    /// Its loss then depends on the student in ways its gradient leaves out; the contract holds such
    /// tensors where they were while it moves the student, and would take a tensor that is merely
    /// detached for a wrong gradient.
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

// MARK: - Tapes

extension ObjectiveInput {
    /// The same input with every output of the student a variable of another tape, and the
    /// objective's own parameters as given, on that tape too.
    ///
    /// `outputs` are the variables in the order of ``studentTensors``. No value is copied.
    func moved(
        to tape: Tape, parameters: BoundParameters, average: BoundParameters
    ) -> (input: ObjectiveInput, outputs: [Tensor]) {
        var moved = self
        moved.student = student.mapped { tape.variable($0) }
        moved.strong?.student = strong!.student.mapped { tape.variable($0) }
        moved.parameters = parameters.variables(on: tape)
        moved.average?.parameters = average.detached
        return (moved, moved.studentTensors)
    }

    /// The same input as constants throughout.
    func detached(parameters: BoundParameters, average: BoundParameters) -> ObjectiveInput {
        var constant = self
        constant.student = student.detached
        constant.strong?.student = strong!.student.detached
        constant.parameters = parameters.detached
        constant.average?.parameters = average.detached
        return constant
    }

    /// Everything of the student's that a loss can depend on, in a fixed order.
    var studentTensors: [Tensor] { student.tensors + (strong?.student.tensors ?? []) }
}
