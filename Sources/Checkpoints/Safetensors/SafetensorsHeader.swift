import Files

/// One tensor of a safetensors file, as its header declares it.
package struct SafetensorsEntry: Sendable, Equatable {
    /// The tensor's name.
    package var name: String
    /// The type of its values.
    package var type: SafetensorsType
    /// The tensor's shape; empty for a scalar.
    package var shape: [Int]
    /// The byte range of the values in the file.
    package var range: Range<Int>

    /// The number of values.
    package var count: Int { range.count / type.size }

    /// The first dimension (points, outputs); 1 for a vector or a scalar.
    package var rows: Int { shape.count > 1 ? shape[0] : 1 }

    /// The product of the other dimensions (channels), or the length of a vector.
    package var columns: Int { shape.dropFirst(shape.count > 1 ? 1 : 0).reduce(1, *) }
}

// A file with unused bytes between tensors could be valid in two formats at once.
/// The header of a safetensors file, read as strictly as the format allows.
///
/// The header has at most 100 MB of JSON, begins with `{`, and has no duplicate key. Types are
/// known, shapes match their bytes exactly, and every byte belongs to exactly one tensor.
struct SafetensorsHeader {
    var metadata: [String: String] = [:]
    /// The tensors in the order of their bytes.
    var entries: [SafetensorsEntry] = []
    /// The first byte of the tensors.
    var dataStart: Int

    /// The longest accepted header: the limit of the public package.
    static let maximumSize = 100_000_000

    /// Reads the header of an open file called `path`.
    init(of file: any ReadableFile, path: String) throws(FileError) {
        let size = file.size
        // An empty file is a copy that was cut short at its first byte.
        let ownOrCut: [FileSignature] = [.safetensors, .other, .empty]
        if let found = try? FileSignature(of: file), !ownOrCut.contains(found) {
            let isPyTorch = found == .zip || found == .pickle
            let advice =
                isPyTorch
                ? "convert a file of torch.save with 'denju import'"
                : found.advice ?? "give a .safetensors file"
            throw FileError(path, "is \(found.name), not a safetensors file: \(advice)")
        }
        guard size >= 8 else {
            throw FileError(
                path, at: size,
                "is cut short: it has \(size) bytes, and the length of its header takes 8")
        }
        let text: [UInt8]
        do {
            let length = try file.bytes(0..<8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            guard length <= UInt64(SafetensorsHeader.maximumSize) else {
                throw FileError(
                    path, at: 0,
                    "declares a header of \(length) bytes, more than the 100 MB a safetensors file may have"
                )
            }
            guard Int(length) <= size - 8 else {
                throw FileError(
                    path, at: size,
                    "is cut short: its header should have \(length) bytes, and \(size - 8) are there"
                )
            }
            dataStart = 8 + Int(length)
            text = try file.bytes(8..<dataStart)
        } catch let error as FileError {
            throw error
        } catch {
            throw FileError(path, at: 0, "cannot be read: \(error)")
        }
        guard text.first == UInt8(ascii: "{") else {
            throw FileError(
                path, at: 8, "is not a safetensors file: its header does not begin with “{”")
        }
        let header: JSONValue
        do {
            header = try JSONReader.value(of: text)
        } catch {
            throw FileError(path, at: 8 + error.offset, "has a header that \(error.reason)")
        }
        guard case .object(let members) = header else {
            throw FileError(path, at: 8, "has a header that is \(header.kind) instead of an object")
        }
        for member in members {
            if member.key == "__metadata__" {
                metadata = try SafetensorsHeader.metadata(in: member, path: path)
            } else {
                entries.append(
                    try SafetensorsHeader.entry(in: member, path: path, dataStart: dataStart))
            }
        }
        entries.sort {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }
        try checkRanges(path: path, size: size)
    }

    private static func metadata(
        in member: JSONMember, path: String
    ) throws(FileError) -> [String: String] {
        let offset = 8 + member.offset
        guard case .object(let members) = member.value else {
            throw FileError(
                path, at: offset,
                "has __metadata__ that is \(member.value.kind) instead of an object")
        }
        var metadata: [String: String] = [:]
        for item in members {
            guard case .string(let text) = item.value else {
                throw FileError(
                    path, at: 8 + item.offset,
                    "has \(item.value.kind) instead of a text under “\(item.key)” of its __metadata__"
                )
            }
            metadata[item.key] = text
        }
        return metadata
    }

    private static func entry(
        in member: JSONMember, path: String, dataStart: Int
    ) throws(FileError) -> SafetensorsEntry {
        func error(_ reason: String, at offset: Int = member.offset) -> FileError {
            FileError(path, tensor: member.key, at: 8 + offset, reason)
        }
        guard case .object(let fields) = member.value else {
            throw error("is declared by \(member.value.kind) instead of an object")
        }
        var type: SafetensorsType?
        var shape: [Int]?
        var offsets: [Int]?
        for field in fields {
            switch (field.key, field.value) {
            case ("dtype", .string(let name)):
                type = SafetensorsType(rawValue: name)
                if type == nil { throw error("has the unknown type “\(name)”", at: field.offset) }
            case ("shape", .array(let values)):
                shape = try sizes(values)
                if shape == nil {
                    throw error("has a shape that is not a list of sizes", at: field.offset)
                }
            case ("data_offsets", .array(let values)):
                offsets = try sizes(values)
                if offsets?.count != 2 {
                    throw error("has data_offsets that are not two sizes", at: field.offset)
                }
            default:
                throw error("has an unexpected “\(field.key)” in its declaration", at: field.offset)
            }
        }
        guard let type, let shape, let offsets else {
            throw error("is declared without its dtype, shape or data_offsets")
        }
        // A dimension of 0 counts as 1 here: it must not hide an overflow of the other dimensions.
        var bytes = type.size
        for size in shape {
            let (product, overflow) = bytes.multipliedReportingOverflow(by: max(size, 1))
            guard !overflow else { throw error("has the impossible shape \(shape)") }
            bytes = product
        }
        if shape.contains(0) { bytes = 0 }
        let (begin, beginOverflow) = offsets[0].addingReportingOverflow(dataStart)
        let (end, endOverflow) = offsets[1].addingReportingOverflow(dataStart)
        guard !beginOverflow, !endOverflow, begin <= end else {
            throw error("has the impossible data_offsets \(offsets)")
        }
        guard end - begin == bytes else {
            throw error(
                "has \(end - begin) bytes where its shape \(shape) of \(type.rawValue) takes \(bytes)"
            )
        }
        return SafetensorsEntry(name: member.key, type: type, shape: shape, range: begin..<end)
    }

    /// The sizes in a list; nil if an element is not a size.
    private static func sizes(_ values: [JSONValue]) throws(FileError) -> [Int]? {
        var sizes: [Int] = []
        for value in values {
            guard case .integer(let size) = value, size >= 0 else { return nil }
            sizes.append(size)
        }
        return sizes
    }

    private func checkRanges(path: String, size: Int) throws(FileError) {
        var end = dataStart
        for entry in entries {
            let range = entry.range
            if range.lowerBound < end {
                throw FileError(
                    path, tensor: entry.name, at: range.lowerBound,
                    "begins before the tensor in front of it ends")
            }
            if range.lowerBound > end {
                throw FileError(
                    path, tensor: entry.name, at: end,
                    "leaves \(range.lowerBound - end) unused bytes in front of it")
            }
            if range.upperBound > size {
                throw FileError(
                    path, tensor: entry.name, at: size,
                    "is cut short: it should reach to byte \(range.upperBound), and the file has \(size) bytes"
                )
            }
            end = range.upperBound
        }
        guard end == size else {
            throw FileError(path, at: end, "has \(size - end) bytes behind its last tensor")
        }
    }
}
