import ZipArchives

/// The header of a PCD file, versions 0.5 to 0.7 (Point Cloud Library, "The PCD file format").
///
/// What a header leaves out has the values that the Point Cloud Library assumes: one Float32 per
/// field, and a cloud that is not organised in rows.
struct PCDHeader: Sendable {
    enum Encoding: String, Sendable {
        case ascii
        case binary
        case compressed = "binary_compressed"
    }

    /// A field of a point: `count` numbers of a type.
    struct Field: Sendable, Equatable {
        let name: String
        let type: ScalarType
        let count: Int

        var size: Int { type.size * count }
    }

    let fields: [Field]
    let count: Int
    let encoding: Encoding
    /// Whether the header has no line SIZE.
    let lacksSizes: Bool
    /// Whether the header has no line TYPE.
    let lacksTypes: Bool
    /// Offset of the points in the file.
    let dataOffset: Int
    /// Line of the first point.
    let firstLine: Int

    /// Size of a point in bytes.
    var size: Int { fields.reduce(0) { $0 + $1.size } }

    // A file without line feeds must not be read whole in search of the header's end.
    private static let largestSize = 1 << 16
    private static let largestNumberCount = 4096

    /// Reads the header.
    init(_ file: InputFile) throws {
        var lines = HeaderLines(
            try file.bytes(0..<min(file.size, Self.largestSize)), of: file, name: "PCD header")
        var words: [String: (words: [String], offset: Int)] = [:]
        var isFirst = true
        while true {
            let at = lines.offset
            // The end of the header is missed in contents of another kind.
            guard let line = try? lines.next() else {
                throw isFirst ? file.isNot("a PCD file") : lines.unfinished
            }
            guard let key = line.first, !key.hasPrefix("#") else { continue }
            let known = [
                "VERSION", "FIELDS", "COLUMNS", "SIZE", "TYPE", "COUNT", "WIDTH", "HEIGHT",
                "VIEWPOINT", "POINTS", "DATA",
            ]
            guard known.contains(key) else {
                if isFirst { throw file.isNot("a PCD file", at: at) }
                throw file.damaged(
                    at: at, "has an unknown line '\(key.prefix(40))' in its header")
            }
            isFirst = false
            guard words.updateValue((Array(line.dropFirst()), at), forKey: key) == nil else {
                throw file.damaged(at: at, "has \(key) twice in its header")
            }
            if key == "DATA" { break }
        }
        dataOffset = lines.offset
        firstLine = lines.line

        func values(_ key: String) throws -> (words: [String], offset: Int) {
            guard let found = words[key] else {
                throw file.damaged(at: 0, "lacks \(key) in its header")
            }
            return found
        }
        func number(_ key: String) throws -> Int {
            let (words, at) = try values(key)
            guard words.count == 1, let number = Int(words[0]), number >= 0 else {
                throw file.damaged(at: at, "has a \(key) that is not a number")
            }
            return number
        }
        let data = try values("DATA")
        guard let encoding = data.words.first.flatMap({ Encoding(rawValue: $0.lowercased()) })
        else {
            throw file.damaged(
                at: data.offset, "has the unknown encoding '\(data.words.joined(separator: " "))'")
        }
        self.encoding = encoding
        fields = try Self.fields(
            names: words["FIELDS"] ?? values("COLUMNS"), sizes: words["SIZE"],
            types: words["TYPE"], counts: words["COUNT"], of: file)
        lacksSizes = words["SIZE"] == nil
        lacksTypes = words["TYPE"] == nil
        // Without a width the points are one row.
        let width = try number(words["WIDTH"] == nil ? "POINTS" : "WIDTH")
        let height = words["HEIGHT"] == nil ? 1 : try number("HEIGHT")
        let (product, overflow) = width.multipliedReportingOverflow(by: height)
        count = words["POINTS"] == nil ? product : try number("POINTS")
        guard !overflow, product == count else {
            throw file.damaged(
                at: words["WIDTH"]?.offset ?? 0,
                "declares \(width) x \(height) points and \(count) in total")
        }
    }

    private typealias Line = (words: [String], offset: Int)

    private static func fields(
        names: Line, sizes: Line?, types: Line?, counts: Line?, of file: InputFile
    ) throws -> [Field] {
        let number = names.words.count
        guard [sizes, types, counts].allSatisfy({ $0?.words.count ?? number == number }), number > 0
        else {
            throw file.damaged(
                at: names.offset,
                "names \(names.words.count) fields, but describes another number of fields")
        }
        let known: [String: ScalarType] = [
            "I1": .int8, "I2": .int16, "I4": .int32, "I8": .int64, "U1": .uint8, "U2": .uint16,
            "U4": .uint32, "U8": .uint64, "F4": .float32, "F8": .float64,
        ]
        var numbers = 0
        return try names.words.indices.map { index in
            // Only the first letter counts, in either case.
            let letter = (types?.words[index] ?? "F").prefix(1).uppercased()
            let code = letter + (sizes?.words[index] ?? "4")
            guard let type = known[code] else {
                throw file.damaged(
                    at: types?.offset ?? names.offset, "has a field of type \(code.prefix(20))")
            }
            guard let count = Int(counts?.words[index] ?? "1"),
                (1...largestNumberCount).contains(count)
            else {
                throw file.damaged(
                    at: counts?.offset ?? 0,
                    "has a field with a COUNT that is not from 1 to \(largestNumberCount)")
            }
            numbers += count
            guard numbers <= largestNumberCount else {
                throw file.damaged(
                    at: names.offset, "has more than \(largestNumberCount) numbers per point")
            }
            return Field(name: names.words[index], type: type, count: count)
        }
    }
}
