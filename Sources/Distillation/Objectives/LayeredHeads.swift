package import Networks
import Settings
package import Tensors

/// Auxiliary heads that learn to tell, stage by stage, which class a voxel is of and by how many
/// quarter turns its cloud was turned: how a teacher gets its heads (HSAKD's first phase).
///
/// A head at a tap scores 4 K joint labels 4 y + r, with y the most frequent label among the points a
/// voxel pools and r the quarter turns about z its cloud was given at this step:
///
///     L = Σ_l mean over labelled voxels of stage l of -log softmax(q_l)_(4 y + r)
///
/// With `train: heads` nothing but the heads learns; without it the network learns along, which wants
/// the task's own terms beside this one. The heads stand in checkpoints apart from the network; a
/// model that was stored with them is a teacher for ``LayeredStudent``.
///
/// Contributes points and, a head, voxels and labelled voxels; every tenth step also the voxels it
/// tells rightly (`joint-accuracy-enc1`). Grade: exact (Hierarchical Self-supervised Augmented
/// Knowledge Distillation, IJCAI 2021, and its released code), but each cloud is turned once a step
/// where the code shows every image in all four turns.
package struct LayeredHeads: Objective {
    /// The name in recipes and logs: `layered.heads`.
    package static let name = "layered.heads"

    /// Where the heads stand; nil for every tap of the network.
    package var taps: [Tap]?

    /// Heads at the given taps, or at all.
    package init(taps: [Tap]? = nil) { self.taps = taps }

    /// Labels and quarter turns.
    package var needs: Needs { [.labels, .quarterTurns] }

    /// The Swift expression that makes it: `LayeredHeads()`.
    package var description: String { formula(of: Self.self, [Self.argument(taps)]) }

    /// Its heads' taps.
    package func taps(for pair: NetworkPair) throws -> TapDemand {
        TapDemand(student: try pair.student.chosen(taps, for: self).map(\.tap))
    }

    /// The heads: `auxiliary.enc1.hidden.weight` and so on.
    package func parameters(for pair: NetworkPair) throws -> [ParameterSpecification] {
        AuxiliaryHeads(
            at: try pair.student.chosen(taps, for: self), classes: 4 * pair.classes
        ).specifications
    }

    /// Points, and each head's voxels.
    package func contribution(of input: ObjectiveInput) throws -> Contribution {
        try input.checkLabels(for: self)
        return Contribution(counts: LayeredCounts(input, labels: input.labels).counts)
    }

    /// The heads' cross entropies.
    package func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        try input.checkLabels(for: self)
        let taps = input.parameters.auxiliaryTaps
        let counts = try LayeredCounts(totals, taps: taps, for: self)
        return zip(input.auxiliaryScores(), counts.heads).reduce(Tensor(0)) { sum, part in
            sum + part.0.scores.jointCost(input, at: part.0.tap, among: part.1.labelled)
        }
    }

    /// How well the heads tell class and turn.
    package func metrics(
        given totals: Totals, parameters: BoundParameters, step: Int
    ) throws -> [Metric] {
        let taps = parameters.auxiliaryTaps
        return try LayeredCounts(totals, taps: taps, for: self).metrics(taps)
    }
}

extension LayeredHeads {
    /// Its line in the catalogue.
    static let entry = ObjectiveEntry(
        name: name,
        formula: "sum over heads of the mean over labelled voxels of -log softmax(q_l)_(4y + r)",
        source: "HSAKD (IJCAI 2021), first phase, and its released code",
        grade: .exact,
        settings: [
            .init("taps", "all", "where the heads stand: a list such as [enc1, enc2, dec0]")
        ]
    ) { read in
        .init(objective: LayeredHeads(taps: try read.taps("taps")), weight: 1)
    }
}

// MARK: - What layered objectives have in common

extension Objective {
    /// `taps: [enc1, dec0]`, where taps are named.
    static func argument(_ taps: [Tap]?) -> (label: String, value: String)? {
        taps.map { ("taps", "[\($0.map(\.description).joined(separator: ", "))]") }
    }
}

extension NetworkPair.Side {
    /// The taps that are named, or all, in the order in which they are computed.
    func chosen(_ named: [Tap]?, for objective: some Objective) throws -> [TapDescription] {
        guard let named else { return taps }
        for tap in named where !taps.contains(where: { $0.tap == tap }) {
            throw ObjectiveError(
                "\(type(of: objective).name): the student has no tap \(tap); it has "
                    + "\(taps.map(\.tap.description).joined(separator: ", ")).")
        }
        return taps.filter { named.contains($0.tap) }
    }
}

extension Tensor {
    /// The cross entropy of a head's scores with its stage's joint labels, over so many of them.
    func jointCost(_ input: ObjectiveInput, at tap: Tap, among labelled: Double, weight: Double = 1)
        -> Tensor
    {
        guard labelled > 0, weight > 0 else {
            return .share("joint labels", of: self, value: 0, gradient: nil)
        }
        let (value, gradient) = labelCost(
            input.jointLabels(ofStage: tap.stage), scale: weight / labelled)
        return .share("joint labels", of: self, value: value, gradient: gradient)
    }
}
