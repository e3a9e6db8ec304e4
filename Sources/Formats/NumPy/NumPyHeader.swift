import ZipArchives

/// The header of a NumPy array (numpy.lib.format, versions 1 to 3): type, shape and order of items.
struct NumPyHeader {
    /// Numbers of an item; a single one without a name unless the type is structured.
    let fields: [RecordField]
    /// Size of an item in bytes.
    let itemSize: Int
    let isColumnMajor: Bool
    let shape: [Int]
    /// Offset of the items in the file.
    let dataOffset: Int

    /// Number of items per row.
    var width: Int { shape.count == 2 ? shape[1] : 1 }

    /// Contents that are not numbers, or not one row per point; `reason` continues a sentence after
    /// the file's name.
    struct Foreign: Error {
        let reason: String
        var advice = "save it as an array of numbers"
    }

    // Bounds the number of fields that a header of a few bytes can declare.
    private static let largestFieldCount = 4096

    /// Largest size of a header in bytes, including the signature.
    static let longest = 1 << 20

    /// Reads the header at the beginning of `bytes`, which were read from the file at `base`.
    init(_ bytes: [UInt8], of file: InputFile, at base: Int) throws {
        var cursor = ByteCursor(bytes, of: file, at: base)
        guard try cursor.bytes(6, "the signature") == [0x93] + Array("NUMPY".utf8) else {
            throw base == 0
                ? file.isNot("a NumPy array") : file.damaged(at: base, "is not a NumPy array")
        }
        let version: UInt8 = try cursor.integer("the version")
        _ = try cursor.integer("the version") as UInt8
        guard (1...3).contains(version) else {
            throw file.damaged(at: base + 6, "has the unknown NumPy format version \(version)")
        }
        let length =
            version == 1
            ? Int(try cursor.integer("the header's length") as UInt16)
            : Int(try cursor.integer("the header's length") as UInt32)
        guard length <= Self.longest - 12 else {
            throw file.damaged(at: base + 8, "declares a header of \(length) bytes")
        }
        let start = cursor.offset
        let text = try cursor.bytes(length, "the header")
        dataOffset = cursor.offset
        let header: PythonLiteral
        do {
            header = try PythonLiteral.parse(text)
        } catch {
            throw file.damaged(at: start + error.offset, error.reason)
        }
        guard let type = header["descr"], case .truth(let isColumnMajor)? = header["fortran_order"],
            case .sequence(let lengths)? = header["shape"]
        else { throw file.damaged(at: start, "lacks the type, order or shape of its array") }
        self.isColumnMajor = isColumnMajor
        shape = try lengths.map { length in
            guard case .integer(let length) = length, length >= 0 else {
                throw file.damaged(at: start, "has a shape with an invalid length")
            }
            return length
        }
        (fields, itemSize) = try Self.fields(of: type, in: file, at: start)
    }

    private static func fields(
        of type: PythonLiteral, in file: InputFile, at offset: Int
    ) throws -> (fields: [RecordField], size: Int) {
        switch type {
        case .text(let code):
            let (scalar, isBigEndian) = try scalar(code)
            let field = RecordField(name: "", type: scalar, offset: 0, isBigEndian: isBigEndian)
            return ([field], scalar.size)
        case .sequence(let members):
            var fields: [RecordField] = []
            var size = 0
            for member in members {
                let (name, code, copies) = try Self.member(member)
                // Texts, dates and padding take bytes, but are no numbers that a channel could have.
                if let width = opaqueSize(code) {
                    size += width * copies
                    guard size <= 1 << 20 else { throw Foreign(reason: "has items of a megabyte") }
                    continue
                }
                let (scalar, isBigEndian) = try scalar(code)
                guard fields.count + copies <= largestFieldCount else {
                    throw file.damaged(
                        at: offset, "has items of more than \(largestFieldCount) numbers")
                }
                for copy in 0..<copies {
                    fields.append(
                        RecordField(
                            name: copies == 1 ? name : "\(name)[\(copy)]", type: scalar,
                            offset: size, isBigEndian: isBigEndian))
                    size += scalar.size
                }
            }
            guard !fields.isEmpty else { throw Foreign(reason: "has items without a number") }
            return (fields, size)
        default: throw file.damaged(at: offset, "has an item type that NumPy does not write")
        }
    }

    /// The name, type and number of copies of a member of a structure.
    private static func member(
        _ member: PythonLiteral
    ) throws -> (name: String, code: String, copies: Int) {
        guard case .sequence(let parts) = member, parts.count == 2 || parts.count == 3,
            case .text(let name) = parts[0], case .text(let code) = parts[1]
        else { throw Foreign(reason: "has a nested item type") }
        guard parts.count == 3 else { return (name, code, 1) }
        guard case .sequence(let shape) = parts[2], shape.count == 1,
            case .integer(let length) = shape[0], (1...largestFieldCount).contains(length)
        else { throw Foreign(reason: "has a nested item type") }
        return (name, code, length)
    }

    /// The size of a type that is not a number: padding, texts, dates, complex and long numbers.
    private static func opaqueSize(_ code: String) -> Int? {
        let rest = code.drop { "<>|=".contains($0) }
        guard let kind = rest.first else { return nil }
        let digits = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits), (1...65_536).contains(number) else { return nil }
        return switch kind {
        case "V", "S", "a", "c", "M", "m": number
        case "U": 4 * number
        case "f" where number > 8: number
        default: nil
        }
    }

    private static func scalar(
        _ code: String
    ) throws(Foreign) -> (type: ScalarType, isBigEndian: Bool) {
        let types: [String: ScalarType] = [
            "b1": .uint8, "i1": .int8, "u1": .uint8, "i2": .int16, "u2": .uint16, "i4": .int32,
            "u4": .uint32, "i8": .int64, "u8": .uint64, "f2": .float16, "f4": .float32,
            "f8": .float64,
        ]
        guard let order = code.first, "<>|=".contains(order),
            let type = types[String(code.dropFirst())]
        else {
            throw Foreign(
                reason: code.contains("O")
                    ? "has Python objects, which are never loaded"
                    : "has items of type '\(code)'")
        }
        return (type, order == ">")
    }
}
