import PointClouds

/// The fields of a point that a model reads, beside its position.
package struct ModelInputs: Sendable, Equatable {
    /// A channel with its fields and the number of a full value.
    package struct Channel: Sendable, Equatable {
        /// The name.
        package let name: String
        /// The names of its values.
        ///
        /// A single value has the channel's own name, others have those of the form `colour[0]`.
        package let fields: [String]
        /// The number that stands for 1 and that greater ones are clamped to; nil for values as they are.
        package let full: Double?
    }

    /// The channels in the order in which the network first reads them.
    package let channels: [Channel]
    /// Whether positions are relative to the middle of a scan.
    package let centres: Bool
    /// Whether points without finite coordinates are left out.
    package let dropsInvalid: Bool

    /// The inputs of a model whose network reads `width` values per point; nil if the widths of its
    /// channels cannot be told.
    ///
    /// A model file states names of features, not widths: those of derived features, of colours and
    /// normals are known, a scale states its own, and a single other channel has what remains.
    package init?(of card: ModelCard, width: Int) {
        var widths: [String: Int] = [:]
        for feature in card.features {
            let scaled = feature.scale.map { max($0.subtract.count, $0.divide.count) } ?? 1
            widths[feature.name] =
                Feature.derived[feature.name] ?? Self.usualWidths[feature.name]
                ?? (scaled > 1 ? scaled : nil)
        }
        let known = card.features.reduce(0) { $0 + (widths[$1.name] ?? 0) }
        let others = card.features.filter { widths[$0.name] == nil }
        let remaining = width - known
        if Set(others.map(\.name)).count == 1 {
            widths[others[0].name] = remaining / others.count
        } else {
            for feature in others { widths[feature.name] = 1 }
        }
        guard card.features.reduce(0, { $0 + widths[$1.name, default: 0] }) == width,
            widths.values.allSatisfy({ $0 > 0 })
        else { return nil }
        channels = card.channels.map { name in
            let count = widths[name, default: 1]
            return Channel(
                name: name, fields: count == 1 ? [name] : (0..<count).map { "\(name)[\($0)]" },
                full: Cloud.Channel.rangeOptions[name].flatMap { card.reading?[$0] })
        }
        centres = card.reading?["centre"].map { $0 != 0 } ?? false
        dropsInvalid = card.reading?["drop-invalid"].map { $0 != 0 } ?? false
    }

    private static let usualWidths = ["colour": 3, "normal": 3]
}
