// Layered self-supervision asks a network by how many quarter turns a cloud was turned; then no
// augmentation may turn it by others.

extension ViewRecipe {
    /// Why quarter turns about z could not be told from clouds seen by this recipe, in one sentence;
    /// nil if they can.
    ///
    /// Any drawn rotation hides them. So do flips of both x and y: together they are half a turn.
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

    /// The recipe without what would hide quarter turns.
    public var keepingQuarterTurns: ViewRecipe {
        ViewRecipe(
            name: name,
            removing(Rotation.self).augmentations.map { augmentation in
                guard let flip = augmentation as? Flip else { return augmentation }
                return Flip(x: flip.x, y: 0)
            })
    }
}
