/// A value of a network's configuration in a checkpoint.
package enum StoredSetting: Sendable, Equatable, Encodable {
    case boolean(Bool)
    case integer(Int)
    case real(Double)
    case string(String)
    case list([StoredSetting])

    /// Encodes the value as a configuration in a settings file has it.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .boolean(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .real(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .list(let values): try container.encode(values)
        }
    }
}

extension PickleContents {
    // A constructor has tens of arguments and lists of a few entries. Longer ones, which a hostile
    // pickle could refer to again and again, are not expanded.
    private static let mostSettings = 256
    private static let longestList = 64

    /// The arguments by which a network was constructed, from the entry `config` of a checkpoint; nil
    /// if there is none.
    ///
    /// Frameworks store configurations of whole runs under that key as well: those have no channels of
    /// encoder stages. Arguments that are None are left out. A value that no network has, such as a
    /// dictionary, is represented by its kind, which the network's configuration then rejects by name.
    func settings(of checkpoint: Int) -> [String: StoredSetting]? {
        guard case .dictionary(let place)? = value("config", of: checkpoint),
            dictionaries[place].count <= Self.mostSettings,
            value("enc_channels", of: place) != nil
        else { return nil }
        var settings: [String: StoredSetting] = [:]
        for (key, value) in dictionaries[place] {
            if case .none = value {
                settings[key] = nil
            } else {
                settings[key] = scalar(value) ?? sequence(value) ?? .string(value.kind)
            }
        }
        return settings
    }

    private func scalar(_ value: PickleValue) -> StoredSetting? {
        switch value {
        case .boolean(let value): .boolean(value)
        case .integer(let value): .integer(value)
        case .real(let value): .real(value)
        case .string(let value): .string(value)
        default: nil
        }
    }

    private func sequence(_ value: PickleValue) -> StoredSetting? {
        let values: [PickleValue]
        switch value {
        case .list(let index): values = lists[index]
        case .tuple(let index): values = tuples[index]
        default: return nil
        }
        guard values.count <= Self.longestList else { return nil }
        let scalars = values.compactMap(scalar)
        return scalars.count == values.count ? .list(scalars) : nil
    }
}
