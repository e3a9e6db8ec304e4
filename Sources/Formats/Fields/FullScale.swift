import PointClouds
import ZipArchives

/// The stored number that corresponds to 1 in a channel of values from 0 to 1.
///
/// Determined once per source, from the recipe, the format, the types of the fields or the largest
/// value of the first scene, and stated in the source's notes. A later value above a determined full
/// scale is an error: clamping it silently would change the channel's meaning within a data set.
package struct FullScale: Sendable, Equatable {
    package let value: Double
    /// Whether the recipe states the number; larger values are then clamped.
    package let isStated: Bool
    /// Explanation of the number for the source's notes.
    package let reason: String

    /// Options that state the full scale, by channel with values from 0 to 1.
    package static let options = Cloud.Channel.rangeOptions

    // 4095 is the full scale of sensors with 12 bits.
    private static let usual: [Double] = [1, 255, 4095, 65_535]

    /// Creates the full scale that a recipe states.
    package init(stated value: Double, channel: String, in place: SettingsPlace = .recipe) {
        self.value = value
        isStated = true
        let origin = place == .recipe ? "data.options says" : "--option or the model's data say"
        reason = "\(channel) is divided by \(number(value)), as \(origin)"
    }

    /// Creates the full scale that a format defines.
    package init(_ value: Double, because reason: String) {
        self.value = value
        isStated = false
        self.reason = reason
    }

    /// Determines the full scale from the fields' types or the values of a scene.
    package init(
        of channel: FieldPlan.Channel, in records: PointRecords, place: SettingsPlace = .recipe
    ) throws {
        let columns = channel.fields.compactMap { records[$0] }
        let fields = channel.fields.map { "'\($0)'" }.listed()
        try records.check(channel.fields)
        var largest = 0.0
        for column in columns {
            column.table.forEach(column.field) { _, value in
                if value.isFinite { largest = max(largest, value) }
            }
        }
        let reach = "the largest value in \(records.path) is \(number(largest))"
        let types = Set(columns.map { $0.field.type.greatest })
        if types == [255] {
            self.init(255, because: "\(channel.name) is \(fields) / 255: they are bytes")
            return
        }
        // A scene without light says nothing about the scale, but an unsigned type does.
        if largest == 0, let type = types.first ?? nil, types.count == 1 {
            self.init(
                type,
                because: "\(channel.name) is \(fields) / \(number(type)), the maximum of its type: "
                    + reach)
            return
        }
        guard let scale = Self.usual.first(where: { largest <= $0 }) else {
            throw SourceError(
                "The values of \(fields) in \(records.path) reach \(number(largest)): "
                    + place.setting(Self.options[channel.name] ?? "range", to: "NUMBER")
                    + ", the number for full \(channel.name).")
        }
        // Colours have 8 or 16 bits, never 12.
        let fitting = channel.name != "intensity" && scale == 4095 ? 65_535 : scale
        let divided = fitting == 1 ? "" : " / \(number(fitting))"
        self.init(fitting, because: "\(channel.name) is \(fields)\(divided): \(reach)")
    }

    private init(_ value: Double, because reason: String, isStated: Bool = false) {
        self.value = value
        self.reason = reason
        self.isStated = isStated
    }
}
