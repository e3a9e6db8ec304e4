import Spelling
import Yams

extension SettingsNode {
    /// Decodes a section that another module defines as a `Codable` value.
    ///
    /// - Throws: ``SettingsError`` at the line of the value that the section refuses.
    package func decode<Section: Decodable>(_ type: Section.Type) throws -> Section {
        do {
            return try YAMLDecoder().decode(type, from: node)
        } catch let error as DecodingError {
            throw SettingsError(file: file, line: line(of: error), sentence(error))
        } catch {
            throw self.error("\(error)")
        }
    }

    private func line(of error: DecodingError) -> Int? {
        var here = node
        var line = node.mark?.line
        for key in error.path {
            guard let next = key.intValue.map({ here[$0] }) ?? here[key.stringValue] else { break }
            // A mapping's own mark is that of its first key, which may be lines below the key that
            // names it.
            let named = here.mapping?.first { $0.key.string == key.stringValue }?.key
            line = (named ?? next).mark?.line ?? line
            here = next
        }
        return line
    }

    private func sentence(_ error: DecodingError) -> String {
        let keys = error.path.map { $0.intValue.map(String.init) ?? $0.stringValue }
        if case .dataCorrupted(let context) = error,
            let unknown = context.underlyingError as? UnknownSetting
        {
            return "\(([name] + keys.dropLast()).joined(separator: ".")) \(unknown)"
        }
        let place = keys.isEmpty ? "" : "'\(keys.joined(separator: "."))': "
        let reason =
            switch error {
            case .keyNotFound(let key, _): "'\(key.stringValue)' is missing."
            case .typeMismatch(let type, _), .valueNotFound(let type, _):
                "\(words(for: type)) is expected."
            case .dataCorrupted(let context): context.debugDescription
            @unknown default: "it cannot be used."
            }
        return "\(name): \(place)\(reason)"
    }
}

extension DecodingError {
    fileprivate var path: [any CodingKey] {
        switch self {
        case .typeMismatch(_, let context), .valueNotFound(_, let context),
            .keyNotFound(_, let context), .dataCorrupted(let context):
            context.codingPath
        @unknown default: []
        }
    }
}

/// A type of values in words.
private func words(for type: any Any.Type) -> String {
    switch "\(type)" {
    case "Bool": "true or false"
    case "String": "text"
    case "Float", "Double": "a number"
    case let name where name.contains("Int"): "a whole number"
    case let name where name.contains("Sequence") || name.hasPrefix("Array"): "a list"
    case let name where name.contains("Mapping") || name.hasPrefix("Dictionary"):
        "a mapping of settings"
    default: "another kind of value"
    }
}
