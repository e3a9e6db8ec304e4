package import Networks
package import Tensors

/// What a teacher says about clouds: the scores of the classes for each voxel, and its features at
/// the taps that were asked for.
package struct Knowledge: Sendable {
    /// Class scores before softmax: voxels x classes.
    package let logits: Tensor
    /// Features by tap: rows of the tap's stage x its width.
    package let features: [Tap: Tensor]
    /// What its auxiliary heads say, where that was asked for: rows of the tap's stage x scores.
    package let auxiliary: [(tap: Tap, tensor: Tensor)]

    /// Knowledge of the given scores and features.
    package init(
        logits: Tensor, features: [Tap: Tensor], auxiliary: [(tap: Tap, tensor: Tensor)] = []
    ) {
        self.logits = logits
        self.features = features
        self.auxiliary = auxiliary
    }

    /// What was said about several clouds, cloud after cloud.
    init(stacking parts: [Knowledge]) {
        let first = parts[0]
        self.init(
            logits: .stackingRows(parts.map(\.logits)),
            features: Dictionary(
                uniqueKeysWithValues: first.features.keys.map { tap in
                    (tap, .stackingRows(parts.map { $0.features[tap]! }))
                }),
            auxiliary: first.auxiliary.indices.map { head in
                (
                    first.auxiliary[head].tap,
                    .stackingRows(parts.map { $0.auxiliary[head].tensor })
                )
            })
    }
}
