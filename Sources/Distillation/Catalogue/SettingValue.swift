/// A value in a recipe, whatever the format it was written in.
package enum SettingValue: Sendable, Equatable, Codable {
    /// true, false.
    case flag(Bool)
    /// 2, 0.1.
    case number(Double)
    /// A word.
    case text(String)
    /// Values in order.
    case list([SettingValue])
    /// Values by key.
    case table([String: SettingValue])

    /// Reads whichever of the five stands there.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {  // a name with a colon and nothing behind it
            self = .table([:])
        } else if let value = try? container.decode(Bool.self) {
            self = .flag(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([SettingValue].self) {
            self = .list(value)
        } else {
            self = .table(try container.decode([String: SettingValue].self))
        }
    }

    /// Writes the value alone.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .flag(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .list(let value): try container.encode(value)
        case .table(let value): try container.encode(value)
        }
    }

    /// What it is, for messages: `a number`.
    var kind: String {
        switch self {
        case .flag: "true or false"
        case .number: "a number"
        case .text(let text): "the text '\(text)'"
        case .list: "a list"
        case .table: "a table"
        }
    }
}
