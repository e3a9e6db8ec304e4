// Layered self-supervision has a network predict the quarter turns of a cloud, so that no augmentation
// may add further turns.

extension ViewRecipe {
    /// A sentence that names the augmentation that hides quarter turns about z; nil if none does.
    ///
    /// Every random rotation hides them, as do flips of both x and y, which together are half a turn.
    public var disturbanceOfQuarterTurns: String? {
        if augmentations.contains(where: { $0 is Rotation }) {
            return "The view '\(name)' turns clouds at random, but an objective asks by how many "
                + "quarter turns each was turned: remove the rotation."
        }
        let flips = augmentations.compactMap { $0 as? Flip }
        if flips.contains(where: { $0.x > 0 }), flips.contains(where: { $0.y > 0 }) {
            return "The view '\(name)' flips both x and y, which together are half a turn, but an "
                + "objective asks by how many quarter turns each cloud was turned: flip one of them "
                + "only (flip: {x: 0.5, y: 0})."
        }
        return nil
    }

    /// The recipe without augmentations that hide quarter turns.
    public var keepingQuarterTurns: ViewRecipe {
        ViewRecipe(
            name: name,
            removing(Rotation.self).augmentations.map { augmentation in
                guard let flip = augmentation as? Flip else { return augmentation }
                return Flip(x: flip.x, y: 0)
            })
    }
}
