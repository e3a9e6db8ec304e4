import Distillation
import Networks
import PointClouds
import Tensors
import Training

/// An objective that asks for everything there is: a coarse tap, a projector of its own, both views,
/// quarter turns, the averaged student, the teacher's auxiliary heads, and a second exchange.
///
/// With N points, M voxels of the tap's stage, m the mini-batch's mean of the student's first score:
///
///     L = 1/M Σ |F_S W + b - F_T|² + 1/N Σ [ |z_strong - z_weak|² + (z_0 - turns)² + |z - z_average|²
///         + (z_1 - auxiliary_0)² ] + 1/N Σ (z_0 - m)²
struct Omnivore: Objective {
    static let name = "test.omnivore"
    static let tap = Tap.encoder(1)

    var needs: Needs {
        [.teacherFeatures, .teacherAuxiliary, .strongView, .quarterTurns, .average]
    }
    var responds: Bool { true }
    var description: String { "Omnivore()" }

    func taps(for pair: NetworkPair) throws -> TapDemand {
        try pair.checkRows(student: Self.tap, teacher: Self.tap, for: self)
        return TapDemand(student: [Self.tap], teacher: [Self.tap])
    }

    func parameters(for pair: NetworkPair) throws -> [ParameterSpecification] {
        let scope = ParameterScope()
        _ = Linear(
            scope["projector"], inputs: try pair.student.width(at: Self.tap),
            outputs: try pair.teacher(for: self).width(at: Self.tap))
        return scope.declared
    }

    func contribution(of input: ObjectiveInput) throws -> Contribution {
        Contribution(
            counts: [
                Double(input.rows), Double(input.rows(ofStage: Self.tap.stage)),
                input.student.logits.columns(0..<1).values.reduce(0) { $0 + Double($1) },
            ])
    }

    func response(of input: ObjectiveInput, to totals: Totals) throws -> Contribution {
        let mean = totals.whole.counts[2] / totals.whole.counts[0]
        return Contribution(
            counts: [
                input.student.logits.columns(0..<1).values.reduce(0) { $0 + Double($1) - mean }
            ])
    }

    func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        let counts = try totals.counts(3, for: self)
        let teacher = try input.teacher(for: self)
        let (weak, strong) = (input.student.logits, input.strong!.student.logits)
        let own = input.parameters
        func perPoint(_ gap: Tensor) -> Tensor {
            (gap * gap).sum().scaled(by: Float(1 / counts[0]))
        }
        let gap =
            input.student.features(at: Self.tap)
            .linear(own["projector.weight"], bias: own["projector.bias"])
            - teacher.features(at: Self.tap)
        let first = weak.columns(0..<1)
        let turns = Tensor(
            rows: input.rows, columns: 1, input.quarterTurns(ofStage: 0)!.map { Float($0) })
        let heads = teacher.auxiliary(at: Self.tap)  // rows of the tap's stage
        let coarse = heads.columns(0..<1).gatherRows(
            input.hierarchy.segments(ofStage: Self.tap.stage).segmentOfRow)
        // What is left of the mean's own gradient is the sum of the deviations: nothing.
        let mean = counts[2] / counts[0] + totals.responses.counts[0] / counts[0]
        let centred = first - Tensor(rows: input.rows, columns: 1, filledWith: Float(mean))
        return (gap * gap).sum().scaled(by: Float(1 / counts[1]))
            + perPoint(strong - weak) + perPoint(first - turns)
            + perPoint(weak - input.average!.student.logits)
            + perPoint(weak.columns(1..<2) - coarse) + perPoint(centred)
    }

    func metrics(given totals: Totals, parameters: BoundParameters, step: Int) -> [Metric] {
        [
            Metric("points", totals.whole.counts[0]),
            Metric("norm", parameters["projector.weight"].squaredNorm.squareRoot()),
        ]
    }
}

extension TinyRun {
    /// A run with everything: a teacher with auxiliary heads, a moving average, and the omnivore
    /// beside the labels.
    static func everythingAtOnce(
        more: String = "", provider: ((Teacher) throws -> TeacherProvider)? = nil
    ) throws -> TinyRun {
        try TinyRun(
            more: "average: 0.9\n" + more,
            sum: CrossEntropy() + 0.1 * Omnivore(), provider: provider,
            heads: { try heads(of: $0) })
    }

    /// Auxiliary heads as training would leave them among what its objectives have of their own.
    static func heads(of network: any Network) throws -> StoredHeads? {
        let heads = try AuxiliaryHeads(
            for: network, at: [.encoder(1)], classes: 4 * network.classes)
        let weights = Weights(initially: heads.specifications, seed: 7)
        return try StoredHeads(
            of: network,
            among: Weights(
                weights.map {
                    NamedTensor(
                        name: "objectives.layered.\($0.name)", shape: $0.shape, tensor: $0.tensor)
                }))
    }
}
