import Datasets
import Distillation
import Networks
import PointClouds
import Reporting
import Tensors
import Training

/// The cost of an objective per mini-batch without the networks: contribution, loss and gradient, on
/// clouds of built-in rooms.
///
/// The outputs of student and teacher are random numbers in the networks' widths, since the time does
/// not depend on them.
struct ObjectiveCost {
    private let examples: [Example]
    private let pair: NetworkPair

    /// A mini-batch of clouds of `points` points; the networks are those of `denju-bench step`.
    init(points: Int, clouds: Int) throws {
        var shape = TrialShape()
        (shape.points, shape.scenes) = (points, clouds)
        let recipe = try Recipe(yaml: shape.recipe(), file: TrialShape.recipeName)
        let source = try SourceCatalogue.open(recipe.data, split: .training)
        let loader = try ExampleLoader(recipe, source: source, needs: .quarterTurns)
        examples = try (0..<clouds).map { try loader.example(of: $0, step: 0) }
        let student = try shape.network(shape.student).build()
        let teacher = try shape.network("teacher-base").build()
        pair = NetworkPair(
            student: .init(student),
            teacher: .init(
                taps: teacher.taps,
                auxiliary: teacher.taps.map { .init(tap: $0.tap, width: 4 * shape.classes) },
                geometry: teacher.geometry),
            classes: shape.classes)
    }

    /// The median of the seconds on one thread.
    ///
    /// - Parameters:
    ///   - objective: the objective to time.
    ///   - clouds: the number of clouds to compute, given the contributions of the others; nil for
    ///     all.
    ///   - passes: repetitions, after an untimed one unless there is only one.
    func seconds(of objective: some Objective, clouds: Int? = nil, passes: Int) throws -> Double {
        let plan = try ObjectivePlan(WeightedSum(objective), for: pair)
        let weights = plan.initialWeights(seed: 1).map(\.tensor)
        let shards = try examples.indices.map { try Shard(examples[$0], place: $0, plan, pair) }
        let own = plan.bound(weights)[0]
        func exchange(_ contribution: (ObjectiveInput) throws -> Contribution) throws
            -> Contribution
        {
            try .total(of: shards.map { try contribution($0.input(own, on: nil)) })
        }
        // The exchange is not timed: in a step every worker computes only its own contribution.
        let first = Totals(try exchange(objective.contribution))
        let totals =
            objective.responds
            ? Totals(
                first.whole, responses: try exchange { try objective.response(of: $0, to: first) })
            : first
        return try Timing(warmUp: passes > 1 ? 1 : 0, passes: passes) {
            for shard in shards.prefix(clouds ?? shards.count) {
                let tape = Tape()
                let input = shard.input(own, on: tape)
                _ = try objective.contribution(of: input)
                if objective.responds { _ = try objective.response(of: input, to: first) }
                let loss = try objective.loss(of: input, given: totals)
                _ = tape.gradients(from: loss)
            }
        }.median
    }
}

/// One cloud with the networks' outputs for it.
private struct Shard {
    private let example: Example
    private let place: Int
    private let classes: Int
    private let needs: Needs
    private let hierarchy: PointHierarchy
    private let student: SyntheticOutputs
    private let teacher: SyntheticOutputs
    private let strong: (student: SyntheticOutputs, teacher: SyntheticOutputs)

    init(_ example: Example, place: Int, _ plan: ObjectivePlan, _ pair: NetworkPair) throws {
        self.example = example
        self.place = place
        classes = pair.classes
        needs = plan.needs
        let hierarchy = try pair.student.geometry.hierarchy(
            gridCoordinates: [example.voxels.gridCoordinates])
        self.hierarchy = hierarchy
        func outputs(of side: NetworkPair.Side, _ taps: [Tap], _ seed: Int) throws
            -> SyntheticOutputs
        {
            try SyntheticOutputs(
                side, taps, heads: plan.needs.contains(.teacherAuxiliary) ? side.auxiliary : [],
                classes: pair.classes, of: hierarchy, seed: UInt64(8 * place + seed))
        }
        let other = pair.teacher ?? pair.student
        student = try outputs(of: pair.student, plan.studentTaps, 0)
        teacher = try outputs(of: other, plan.teacherTaps, 1)
        strong = (
            try outputs(of: pair.student, plan.studentTaps, 2),
            try outputs(of: other, plan.teacherTaps, 3)
        )
    }

    /// The objective's input, with the student's outputs and the parameters as variables of the tape.
    func input(_ parameters: BoundParameters, on tape: Tape?) -> ObjectiveInput {
        let moving = { (tensor: Tensor) in tape?.variable(tensor) ?? tensor }
        let constant = { (tensor: Tensor) in tensor }
        return ObjectiveInput(
            hierarchy: hierarchy, positions: [example.voxels.cloud.positions],
            samples: [example.sampleID], cloudIDs: [place], labels: example.labels,
            classes: classes, student: student.outputs(moving), teacher: teacher.outputs(constant),
            strong: needs.contains(.strongView)
                ? .init(
                    student: strong.student.outputs(moving),
                    teacher: strong.teacher.outputs(constant)) : nil,
            average: needs.contains(.average)
                ? .init(student: student.outputs(constant), parameters: parameters) : nil,
            quarterTurns: needs.contains(.quarterTurns) ? [example.quarterTurns] : nil,
            parameters: tape.map { parameters.variables(on: $0) } ?? parameters, seed: 1, step: 1)
    }
}

/// Random outputs of a network for a cloud.
private struct SyntheticOutputs {
    private let logits: Tensor
    private let taps: [(tap: Tap, tensor: Tensor)]
    private let heads: [(tap: Tap, tensor: Tensor)]

    init(
        _ side: NetworkPair.Side, _ taps: [Tap], heads: [TapDescription], classes: Int,
        of hierarchy: PointHierarchy, seed: UInt64
    ) throws {
        logits = KernelCase.normal(hierarchy.stages[0].rows, classes, seed)
        self.taps = try taps.map { tap in
            let rows = hierarchy.stages[tap.stage].rows
            return (tap, KernelCase.normal(rows, try side.width(at: tap), seed))
        }
        self.heads = heads.map { head in
            (head.tap, KernelCase.normal(hierarchy.stages[head.tap.stage].rows, head.width, seed))
        }
    }

    func outputs(_ change: (Tensor) -> Tensor) -> NetworkOutputs {
        NetworkOutputs(
            logits: change(logits), features: taps.map { ($0.tap, change($0.tensor)) },
            auxiliary: heads.map { ($0.tap, change($0.tensor)) })
    }
}
