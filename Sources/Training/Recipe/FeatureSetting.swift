import Foundation
package import PointClouds
import Settings
import Yams

/// Feature of a recipe: its name and its scale.
///
/// ```yaml
/// features:
///   - position
///   - intensity: standard              # less the training scans' mean, over their deviation
///   - temperature: range               # from 0, the least value there, to 1, the greatest
///   - colour: {subtract: 0.5, divide: [0.3, 0.3, 0.25]}
/// ```
package struct FeatureSetting: Sendable, Equatable {
    /// Origin of a scale's numbers.
    package enum Scaling: Sendable, Equatable {
        /// Values are not scaled.
        case plain
        /// The mean is subtracted and the difference divided by the standard deviation, over all points of
        /// the training scans.
        case standard
        /// The least value of the training scans becomes 0, the greatest 1.
        case range
        /// The numbers of the recipe, or of the model the network begins with.
        case given(Feature.Scale)
    }

    /// The name of a channel, or of a feature derived from positions.
    package let name: String
    /// The origin of the scale's numbers.
    package var scaling: Scaling

    /// The given setting.
    package init(_ name: String, _ scaling: Scaling = .plain) {
        self.name = name
        self.scaling = scaling
    }

    /// The setting with the numbers of a feature.
    init(_ feature: Feature) {
        self.init(feature.name, feature.scale.map { .given($0) } ?? .plain)
    }

    /// The feature with its scale; nil until it has been computed from the data.
    package var feature: Feature? {
        switch scaling {
        case .plain: Feature(name)
        case .given(let scale): Feature(name, scale: scale)
        case .standard, .range: nil
        }
    }
}

extension [FeatureSetting] {
    /// Reads a list of features.
    ///
    /// - Parameter declared: the recipe's list, whose scales apply to features that are only named; nil for
    ///   that list itself.
    init(_ section: SettingsNode, declared: [FeatureSetting]? = nil) throws {
        self = try section.list().map { entry in
            guard let pairs = entry.node.mapping else {
                let name = try entry.string()
                return declared?.first { $0.name == name } ?? FeatureSetting(name)
            }
            guard pairs.count == 1, let (key, value) = pairs.first.map({ ($0.key, $0.value) }),
                let name = key.string
            else {
                throw entry.error(
                    "\(entry.name) must be a feature's name, or a name with its scale, as in "
                        + "intensity: standard.")
            }
            return FeatureSetting(name, try Self.scaling(entry.child(value, name)))
        }
        guard !isEmpty else {
            throw section.error("\(section.name) is empty: name at least position.")
        }
        // A feature named twice would be read twice, which is legal arithmetic and never intended.
        let twice = indices.first { place in
            self[..<place].contains { $0.name == self[place].name }
        }
        if let twice {
            throw section.error("\(section.name) names '\(self[twice].name)' twice: remove one.")
        }
    }

    private static func scaling(_ section: SettingsNode) throws -> FeatureSetting.Scaling {
        if section.node.scalar != nil {
            switch try section.string() {
            case "plain": return .plain
            case "standard": return .standard
            case "range": return .range
            case let other:
                throw section.error(
                    "\(section.name) is '\(other)': give standard, range, plain, or "
                        + "{subtract: …, divide: …}.")
            }
        }
        let values = try section.mapping()
        let subtract = try values["subtract"].map(numbers) ?? [0]
        let divide = try values["divide"].map { node in
            let divide = try numbers(node)
            guard divide.allSatisfy({ $0 != 0 }) else {
                throw node.error("\(node.name) holds a 0, by which nothing can be divided.")
            }
            return divide
        }
        try values.finish()
        return .given(Feature.Scale(subtract: subtract, divide: divide ?? [1]))
    }

    private static func numbers(_ section: SettingsNode) throws -> [Float] {
        let entries = section.node.sequence == nil ? [section] : try section.list()
        return try entries.map { entry in
            // Straight to Float, so that what was written comes back to the bit.
            guard let number = Float(try entry.string()), number.isFinite else {
                throw entry.error("\(entry.name) must be a number.")
            }
            return number
        }
    }

    /// The list as a node of a recipe.
    ///
    /// - Parameter explicit: whether unscaled features are marked `plain`, so that they do not take the
    ///   scale of the recipe's list.
    func node(explicit: Bool) -> Node {
        let entries = map { setting -> Node in
            let name = Node(setting.name)
            switch setting.scaling {
            case .plain: return explicit ? Node([(name, Node("plain"))]) : name
            case .standard: return Node([(name, Node("standard"))])
            case .range: return Node([(name, Node("range"))])
            case .given(let scale):
                func list(_ numbers: [Float]) -> Node {
                    Node(numbers.map { Node("\($0)", Tag(.float)) }, Tag(.seq), .flow)
                }
                return Node([
                    (
                        name,
                        Node([
                            (Node("subtract"), list(scale.subtract)),
                            (Node("divide"), list(scale.divide)),
                        ])
                    )
                ])
            }
        }
        return Node(entries, Tag(.seq), .flow)
    }

    /// The features with their scales; nil until all have been computed from the data.
    package var features: [Feature]? {
        let settled = compactMap(\.feature)
        return settled.count == count ? settled : nil
    }
}

extension Recipe {
    /// The features of the networks as JSON: `{"student": […], "teacher": […]}`.
    ///
    /// Every feature must have its scale.
    package var featuresJSON: String {
        get throws {
            var networks = ["student": studentFeatures.features ?? []]
            if let teacher {
                networks["teacher"] = (teacher.features ?? studentFeatures).features ?? []
            }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
            return String(decoding: try encoder.encode(networks), as: UTF8.self) + "\n"
        }
    }
}
