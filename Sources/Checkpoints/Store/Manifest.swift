import Files

/// The list of a checkpoint's files with their sizes and digests: the contents of `MANIFEST.json`.
///
/// The manifest is written last. It has exactly one spelling and ends with its own digest, so that
/// every changed bit is detected.
struct Manifest: Equatable {
    /// The files in the order of their names.
    var files: [FileSummary]

    static let fileName = "MANIFEST.json"
    // Far above the size of any manifest; limits memory for damaged or foreign files.
    static let maximumSize = 16_000_000
    private static let version = 1

    init(_ files: [FileSummary]) {
        self.files = files.sorted { WeightsDigest.precedes($0.name, $1.name) }
    }

    subscript(_ name: String) -> FileSummary? { files.first { $0.name == name } }

    /// The bytes of the file.
    var encoded: [UInt8] {
        let lines = files.map {
            "    \(jsonText($0.name)): {\"size\": \($0.size), \"sha256\": \"\($0.sha256)\"}"
        }
        let body =
            "{\n  \"formatVersion\": \(Manifest.version),\n  \"files\": {\n"
            + lines.joined(separator: ",\n") + "\n  },\n"
        return Array((body + "  \"sha256\": \"\(SHA256(of: body))\"\n}\n").utf8)
    }

    /// Reads the file; throws for any other spelling.
    init(decoding bytes: [UInt8], path: String) throws(FileError) {
        let value: JSONValue
        do {
            value = try JSONReader.value(of: bytes)
        } catch {
            throw FileError(path, at: error.offset, error.reason)
        }
        guard case .object(let members) = value else {
            throw FileError(path, at: 0, "is \(value.kind) instead of an object")
        }
        guard let version = members.first, version.key == "formatVersion" else {
            throw FileError(path, at: 0, "does not begin with its formatVersion")
        }
        guard version.value == .integer(Manifest.version) else {
            throw FileError(
                path, at: version.offset,
                "has a format this version cannot read; use the version that wrote it")
        }
        guard let list = members.first(where: { $0.key == "files" }),
            case .object(let entries) = list.value
        else { throw FileError(path, at: 0, "does not list its files") }
        var files: [FileSummary] = []
        for entry in entries {
            guard case .object(let fields) = entry.value, fields.count == 2,
                fields[0].key == "size", case .integer(let size) = fields[0].value, size >= 0,
                fields[1].key == "sha256", case .string(let hex) = fields[1].value,
                let digest = SHA256(hex: hex)
            else {
                throw FileError(
                    path, at: entry.offset, "does not give “\(entry.key)” a size and a SHA-256")
            }
            guard Manifest.isPlain(entry.key) else {
                throw FileError(
                    path, at: entry.offset, "lists “\(entry.key)”, which is not a file's name")
            }
            files.append(FileSummary(name: entry.key, size: size, sha256: digest))
        }
        self.init(files)
        // The digest alone would miss changes outside the values, such as white space.
        let expected = encoded
        guard bytes == expected else {
            let offset = zip(bytes, expected).enumerated().first { $0.element.0 != $0.element.1 }
            throw FileError(
                path, at: offset?.offset ?? min(bytes.count, expected.count),
                "has been changed: it does not match its own digest")
        }
    }

    /// Whether a name can only name a file in the same folder.
    static func isPlain(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 255 && name != "." && name != ".."
            && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 < 0x20 }
    }
}
