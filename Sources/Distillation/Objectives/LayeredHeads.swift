package import Networks
import Settings
package import Tensors

/// Auxiliary heads that classify, stage by stage, the class of a voxel and the quarter turns of its cloud;
/// trains the heads of a teacher (HSAKD's first phase).
///
/// A head at a tap scores 4 K joint labels 4 y + r, with y the most frequent label among the points that a
/// voxel pools and r the quarter turns of its cloud about z at this step:
///
///     L = Σ_l mean over labelled voxels of stage l of -log softmax(q_l)_(4 y + r)
///
/// With `train: heads` only the heads are trained. Otherwise the network is trained too and needs the
/// task's terms beside this one. Checkpoints store the heads apart from the network; a model stored with
/// heads is a teacher for ``LayeredStudent``.
///
/// Contributes the number of points and, per head, of voxels and labelled voxels; every tenth step also of
/// correctly classified voxels (`joint-accuracy-enc1`). Grade: exact (Hierarchical Self-supervised
/// Augmented Knowledge Distillation, IJCAI 2021, and its released code), but each cloud is turned once per
/// step where the code shows every image in all four turns.
package struct LayeredHeads: Objective {
    /// The name in recipes and logs: `layered.heads`.
    package static let name = "layered.heads"

    /// The taps of the heads; nil for every tap of the network.
    package var taps: [Tap]?

    /// Heads at the given taps, or at all taps.
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

    /// The counts of all heads.
    package func exchange(for pair: NetworkPair) throws -> ExchangeForm {
        .counts(LayeredCounts.count(heads: try pair.student.chosen(taps, for: self).count))
    }

    /// The number of points, and of each head's voxels.
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

    /// The heads' accuracy on class and turn.
    package func metrics(
        given totals: Totals, parameters: BoundParameters, step: Int
    ) throws -> [Metric] {
        let taps = parameters.auxiliaryTaps
        return try LayeredCounts(totals, taps: taps, for: self).metrics(taps)
    }
}

extension LayeredHeads {
    /// Its catalogue entry.
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
    /// `taps: [enc1, dec0]`, if taps are named.
    static func argument(_ taps: [Tap]?) -> (label: String, value: String)? {
        taps.map { ("taps", "[\($0.map(\.description).joined(separator: ", "))]") }
    }
}

extension NetworkPair.Side {
    /// The named taps, or all taps, in the order in which they are computed.
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
    /// The cross entropy of a head's scores with its stage's joint labels, divided by their number.
    func jointCost(_ input: ObjectiveInput, at tap: Tap, among labelled: Double, weight: Double = 1)
        -> Tensor
    {
        // A zero share instead of none, because the caller sums the shares of all heads.
        guard labelled > 0, weight > 0 else {
            return .share("joint labels", of: self, value: 0, gradient: nil)
        }
        let (value, gradient) = labelCost(
            input.jointLabels(ofStage: tap.stage), scale: weight / labelled)
        return .share("joint labels", of: self, value: value, gradient: gradient)
    }
}
