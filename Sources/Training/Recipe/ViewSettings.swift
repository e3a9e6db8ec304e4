import PointClouds
import Settings
import Yams

/// Section `views` of a recipe: augmentations of training clouds.
///
///     views: strong                             # fresh views at every step
///     views: {name: weak, count: 8, seed: 1}    # eight fixed views of each sample
///     views: {name: mine, augmentations: [{rotation: {degrees: [-90, 90]}}], count: 4}
struct ViewSettings {
    /// The augmentations.
    var recipe = ViewRecipe.weak
    /// The fixed views of each sample; nil for a new view at each step.
    var fixed: FixedViews?

    /// Reads the section.
    ///
    /// - Parameter turns: whether an objective predicts quarter turns, so that no augmentation may turn
    ///   clouds.
    init(_ section: SettingsNode?, turns: Bool = false) throws {
        guard let section else {
            if turns { recipe = recipe.keepingQuarterTurns }
            return
        }
        try read(section)
        // A random rotation would make the drawn quarter turn, which heads predict, invisible.
        if turns, let reason = recipe.disturbanceOfQuarterTurns { throw section.error(reason) }
    }

    /// The augmentations that turn a view of these settings into a strong view.
    func strongView(_ section: SettingsNode?, turns: Bool) throws -> ViewRecipe {
        guard let section else {
            return turns ? ViewRecipe.strong.keepingQuarterTurns : .strong
        }
        let strong = try ViewSettings(section)
        guard strong.fixed == nil else {
            throw section.error(
                "\(section.name) has a count of its own, but there are as many strong views as "
                    + "views: give views the count.")
        }
        let both = ViewRecipe(
            name: strong.recipe.name, recipe.augmentations + strong.recipe.augmentations)
        if turns, let reason = both.disturbanceOfQuarterTurns { throw section.error(reason) }
        return strong.recipe
    }

    private mutating func read(_ section: SettingsNode) throws {
        guard section.node.scalar == nil else {
            recipe = try Self.view(named: section)
            return
        }
        let values = try section.mapping()
        let name = values["name"]
        if values["augmentations"] != nil {
            recipe = try section.decode(ViewRecipe.self)
        } else if let name {
            recipe = try Self.view(named: name)
        }
        let count = try values["count"]?.integer(in: 1...65_536)
        let seed = values["seed"]
        if let count {
            fixed = FixedViews(
                count: count, seed: try UInt64(seed?.integer(in: 0...Int.max) ?? 0))
        } else if let seed {
            throw seed.error(
                "\(seed.name) is what fixed views are drawn from: give views.count too, or leave "
                    + "it out.")
        }
        try values.finish()
    }

    private static func view(named section: SettingsNode) throws -> ViewRecipe {
        let name = try section.string()
        let known = [ViewRecipe.plain, .weak, .strong]
        guard let view = known.first(where: { $0.name == name }) else {
            throw section.error(
                "\(section.name) is '\(name)': give \(known.map(\.name).joined(separator: ", ")), "
                    + "or a name and a list of augmentations.")
        }
        return view
    }
}
