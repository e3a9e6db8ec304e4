package import Networks
package import Tensors

/// What a network says about points: scores a point, and features wherever they were asked for.
///
/// The rows of the logits are points (the finest voxels); those of features are the rows of their
/// tap's stage.
package struct Signals: Sendable {
    /// The scores of the classes, before softmax: n x classes.
    package private(set) var logits: Tensor
    /// The tap whose features are ``features``: the recipe's, by default those the head reads.
    package let tap: Tap
    /// The features at each tap, that of the recipe first.
    private var tapped: [(tap: Tap, tensor: Tensor)]
    /// The scores of auxiliary heads.
    private var auxiliary: [(tap: Tap, tensor: Tensor)]

    /// The signals of n points.
    ///
    /// - Parameters:
    ///   - logits: n x classes.
    ///   - features: those at `tap`.
    ///   - taps: features at further taps.
    ///   - auxiliary: what auxiliary heads say at their taps: rows of the tap's stage x scores.
    package init(
        logits: Tensor, features: Tensor, at tap: Tap = .lastDecoderStage,
        taps: [(tap: Tap, tensor: Tensor)] = [], auxiliary: [(tap: Tap, tensor: Tensor)] = []
    ) {
        precondition(
            tap.stage > 0 || logits.rows == features.rows,
            "\(logits.rows) rows of logits beside \(features.rows) rows of features.")
        self.logits = logits
        self.tap = tap
        tapped = [(tap, features)] + taps.filter { $0.tap != tap }
        self.auxiliary = auxiliary
    }

    /// The features at ``tap``: rows of its stage x channels.
    ///
    /// The channels of a student and a teacher may differ in number.
    package var features: Tensor { tapped[0].tensor }

    /// The features at a tap the objective has asked for (``Objective/taps(for:)``).
    package func features(at tap: Tap) -> Tensor {
        guard let found = tapped.first(where: { $0.tap == tap }) else {
            preconditionFailure("No objective has asked for the features at \(tap).")
        }
        return found.tensor
    }

    /// What the auxiliary head at a tap says: rows of the tap's stage x scores.
    ///
    /// There where the objective needs ``Needs/teacherAuxiliary``, at the taps that ``NetworkPair``
    /// names.
    package func auxiliary(at tap: Tap) -> Tensor {
        guard let found = auxiliary.first(where: { $0.tap == tap }) else {
            preconditionFailure("There is no auxiliary head at \(tap), or nobody has asked for it.")
        }
        return found.tensor
    }

    /// The same values as constants, on no tape.
    package var detached: Signals { mapped(\.detached) }

    /// The taps whose features are there, the recipe's first.
    package var taps: [Tap] { tapped.map(\.tap) }

    /// Its tensors in a fixed order: logits, features, scores of auxiliary heads.
    package var tensors: [Tensor] { [logits] + tapped.map(\.tensor) + auxiliary.map(\.tensor) }

    /// The same with every tensor replaced, in the order of ``tensors``.
    func mapped(_ change: (Tensor) -> Tensor) -> Signals {
        var changed = self
        changed.logits = change(logits)
        for place in tapped.indices { changed.tapped[place].tensor = change(tapped[place].tensor) }
        for place in auxiliary.indices {
            changed.auxiliary[place].tensor = change(auxiliary[place].tensor)
        }
        return changed
    }
}
