public import Tensors

/// Class scores, tapped features and scores of auxiliary heads that a network gives for the voxels of
/// one or more clouds.
///
/// The rows of the logits are the finest voxels, cloud after cloud. The rows of features and of
/// auxiliary scores are the voxels of their tap's stage.
public struct NetworkOutputs: Sendable {
    /// Class scores before softmax: voxels x classes.
    public private(set) var logits: Tensor
    private var tapped: [(tap: Tap, tensor: Tensor)]
    private var headed: [(tap: Tap, tensor: Tensor)]

    /// Outputs of the given parts.
    ///
    /// - Parameters:
    ///   - logits: voxels x classes.
    ///   - features: rows of the tap's stage x its width; the first tap is ``tap``.
    ///   - auxiliary: scores of auxiliary heads: rows of the tap's stage x scores.
    public init(
        logits: Tensor, features: [(tap: Tap, tensor: Tensor)],
        auxiliary: [(tap: Tap, tensor: Tensor)] = []
    ) {
        self.logits = logits
        tapped = features
        headed = auxiliary
    }

    /// The features at a tap: voxels of its stage x its width.
    ///
    /// The forward context must have asked for them.
    public func features(at tap: Tap = .lastDecoderStage) -> Tensor {
        guard let found = tapped.first(where: { $0.tap == tap }) else {
            preconditionFailure(
                "There are no features at \(tap): neither the forward context nor an objective "
                    + "has requested them.")
        }
        return found.tensor
    }
}

// MARK: - The recipe's tap

extension NetworkOutputs {
    /// The first tap: where a recipe compares features unless an objective asks for other taps.
    package var tap: Tap { tapped[0].tap }

    /// The features at ``tap``.
    ///
    /// Student and teacher may differ in the number of channels.
    package var features: Tensor { tapped[0].tensor }

    /// The taps whose features are present, the recipe's first.
    package var taps: [Tap] { tapped.map(\.tap) }

    /// The same logits and auxiliary scores with the features at these taps alone, in this order.
    package func restricted(to taps: [Tap]) -> NetworkOutputs {
        NetworkOutputs(
            logits: logits, features: taps.map { ($0, features(at: $0)) }, auxiliary: headed)
    }
}

// MARK: - Auxiliary heads

extension NetworkOutputs {
    /// The taps whose auxiliary heads have given scores.
    package var auxiliaryTaps: [Tap] { headed.map(\.tap) }

    /// The scores of the auxiliary head at a tap: rows of the tap's stage x scores.
    package func auxiliary(at tap: Tap) -> Tensor {
        guard let found = headed.first(where: { $0.tap == tap }) else {
            preconditionFailure(
                "There are no scores of an auxiliary head at \(tap): the network has none there, or "
                    + "no objective has requested them.")
        }
        return found.tensor
    }
}

// MARK: - Tensors

extension NetworkOutputs {
    /// All tensors in a fixed order: logits, features, scores of auxiliary heads.
    package var tensors: [Tensor] { [logits] + tapped.map(\.tensor) + headed.map(\.tensor) }

    /// The same values as constants, on no tape.
    package var detached: NetworkOutputs { mapped(\.detached) }

    /// The same outputs with every tensor replaced, in the order of ``tensors``.
    package func mapped(_ change: (Tensor) -> Tensor) -> NetworkOutputs {
        var changed = self
        changed.logits = change(logits)
        for place in tapped.indices { changed.tapped[place].tensor = change(tapped[place].tensor) }
        for place in headed.indices { changed.headed[place].tensor = change(headed[place].tensor) }
        return changed
    }

    /// The outputs of several clouds, cloud after cloud; all have the taps of the first.
    package init(stacking parts: [NetworkOutputs]) {
        let first = parts[0]
        self.init(
            logits: .stackingRows(parts.map(\.logits)),
            features: first.taps.map { tap in
                (tap, .stackingRows(parts.map { $0.features(at: tap) }))
            },
            auxiliary: first.auxiliaryTaps.map { tap in
                (tap, .stackingRows(parts.map { $0.auxiliary(at: tap) }))
            })
    }
}
