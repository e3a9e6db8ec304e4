import Archives

/// The number that stands for 1 in a channel whose values lie between 0 and 1.
///
/// Found once for a source, from the types of the fields or from the greatest value of the first
/// scene, and stated; a later value beyond it is an error, never clamped in silence.
package struct FullScale: Sendable, Equatable {
    package let value: Double
    /// Whether the recipe says so; values beyond it are then cut off.
    package let isTold: Bool
    /// Why this number: a sentence for the source's notes.
    package let reason: String

    /// Channels with values between 0 and 1, and the options that say what their 1 is.
    package static let options = [
        "intensity": "intensity-range", "colour": "colour-range",
        "near-infrared": "near-infrared-range",
    ]

    private static let usual: [Double] = [1, 255, 4095, 65_535]

    /// What the recipe says.
    package init(told value: Double, channel: String) {
        self.value = value
        isTold = true
        reason = "\(channel) is divided by \(number(value)), as data.options says"
    }

    /// What the format says.
    package init(_ value: Double, because reason: String) {
        self.value = value
        isTold = false
        self.reason = reason
    }

    /// What the fields' types or the values of a scene tell.
    package init(of channel: FieldPlan.Channel, in records: PointRecords) throws {
        let columns = channel.fields.compactMap { records[$0] }
        let fields = channel.fields.map { "'\($0)'" }.listed()
        var greatest = 0.0
        for column in columns {
            column.table.forEach(column.field) { _, value in
                if value.isFinite { greatest = max(greatest, value) }
            }
        }
        let reach = "the greatest in \(records.path) is \(number(greatest))"
        let types = Set(columns.map { $0.field.type.greatest })
        if types == [255] {
            self.init(255, because: "\(channel.name) is \(fields) / 255: they are bytes")
            return
        }
        if greatest == 0, let type = types.first ?? nil, types.count == 1 {
            self.init(
                type,
                because: "\(channel.name) is \(fields) / \(number(type)), the most its type holds: "
                    + reach)
            return
        }
        guard let scale = Self.usual.first(where: { greatest <= $0 }) else {
            throw SourceError(
                "The values of \(fields) in \(records.path) reach \(number(greatest)): set "
                    + "data.options.\(Self.options[channel.name] ?? "range") to the number that "
                    + "stands for a full \(channel.name).")
        }
        // Colours come in 8 bits or in 16, never in 12.
        let fitting = channel.name != "intensity" && scale == 4095 ? 65_535 : scale
        let divided = fitting == 1 ? "" : " / \(number(fitting))"
        self.init(fitting, because: "\(channel.name) is \(fields)\(divided): \(reach)")
    }

    private init(_ value: Double, because reason: String, isTold: Bool = false) {
        self.value = value
        self.reason = reason
        self.isTold = isTold
    }
}
