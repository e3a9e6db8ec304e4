import Tensors

extension Tensor {
    /// The share `scale Σ (x - target)²`, summed in Double.
    ///
    /// Backward: `dx = 2 scale (x - target)`.
    func squaredGap(_ name: StaticString, to target: Tensor, scale: Double) -> Tensor {
        let gap = detached - target
        return .share(
            name, of: self, value: scale * gap.squaredNorm,
            gradient: gap.scaled(by: Float(2 * scale)))
    }
}
