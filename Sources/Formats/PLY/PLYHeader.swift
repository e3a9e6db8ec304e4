import ZipArchives

/// The header of a PLY file: its elements and their properties.
///
/// Follows "The PLY polygon file format" by Greg Turk, 1994.
struct PLYHeader: Sendable {
    enum Encoding: String, Sendable {
        case ascii
        case littleEndian = "binary_little_endian"
        case bigEndian = "binary_big_endian"
    }

    struct Property: Sendable, Equatable {
        let name: String
        let type: ScalarType
        /// Type of a list's number of values; nil for a property that is not a list.
        let countType: ScalarType?
    }

    struct Element: Sendable, Equatable {
        let name: String
        let count: Int
        fileprivate(set) var properties: [Property] = []
        /// Offset after the element's last line in the header.
        fileprivate(set) var end: Int

        /// Size in bytes; nil for an element with lists.
        var size: Int? {
            properties.contains { $0.countType != nil }
                ? nil : properties.reduce(0) { $0 + $1.type.size }
        }
    }

    let encoding: Encoding
    let elements: [Element]
    /// Index of the element of points.
    let points: Int
    /// Offset of the first element in the file.
    let dataOffset: Int
    /// Line of the first element.
    let firstLine: Int

    // A file without line feeds must not be read whole in search of the header's end.
    private static let largestSize = 1 << 20
    private static let largestPropertyCount = 4096

    private static let types: [String: ScalarType] = [
        "char": .int8, "uchar": .uint8, "short": .int16, "ushort": .uint16, "int": .int32,
        "uint": .uint32, "float": .float32, "double": .float64, "int8": .int8, "uint8": .uint8,
        "int16": .int16, "uint16": .uint16, "int32": .int32, "uint32": .uint32,
        "float32": .float32, "float64": .float64,
    ]

    /// Reads the header.
    init(_ file: InputFile) throws {
        var lines = HeaderLines(
            try file.bytes(0..<min(file.size, Self.largestSize)), of: file, name: "PLY header")
        guard let first = try? lines.next(), first == ["ply"] else {
            throw file.isNot("a PLY file")
        }
        var encoding: Encoding?
        var elements: [Element] = []
        // Names of the last element's properties: a search of the list for each would take minutes
        // in a header of a megabyte.
        var names: Set<String> = []
        while true {
            let at = lines.offset
            let words = try lines.next()
            switch words.first {
            case nil, "comment", "obj_info": continue
            case "format":
                guard words.count == 3, let found = Encoding(rawValue: words[1]), words[2] == "1.0"
                else {
                    throw file.damaged(
                        at: at,
                        "has the unknown PLY format '\(words.dropFirst().joined(separator: " "))'")
                }
                encoding = found
            case "element":
                guard words.count == 3, let count = Int(words[2]), count >= 0 else {
                    throw file.damaged(at: at, "declares an element without a name and a number")
                }
                elements.append(Element(name: words[1], count: count, end: lines.offset))
                names = []
            case "property":
                guard !elements.isEmpty else {
                    throw file.damaged(at: at, "has a property before its first element")
                }
                let property = try Self.property(words, of: file, at: at)
                guard names.insert(property.name).inserted else {
                    throw file.damaged(at: at, "declares the property '\(property.name)' twice")
                }
                guard names.count <= Self.largestPropertyCount else {
                    throw file.damaged(
                        at: at,
                        "has more than \(Self.largestPropertyCount) properties in an element")
                }
                elements[elements.count - 1].properties.append(property)
                elements[elements.count - 1].end = lines.offset
            case "end_header":
                guard let encoding else {
                    throw file.damaged(at: at, "lacks its format")
                }
                self.encoding = encoding
                self.elements = elements
                dataOffset = lines.offset
                firstLine = lines.line
                points = try Self.points(in: elements, of: file, at: at)
                return
            case let word?:
                throw file.damaged(at: at, "has an unknown line '\(word.prefix(40))' in its header")
            }
        }
    }

    private static func property(
        _ words: [String], of file: InputFile, at offset: Int
    ) throws -> Property {
        if words.count == 3, let type = types[words[1]] {
            return Property(name: words[2], type: type, countType: nil)
        }
        if words.count == 5, words[1] == "list", let count = types[words[2]], count.isInteger,
            let type = types[words[3]]
        {
            return Property(name: words[4], type: type, countType: count)
        }
        throw file.damaged(
            at: offset,
            "declares a property as '\(words.dropFirst().joined(separator: " ").prefix(60))'")
    }

    private static func points(
        in elements: [Element], of file: InputFile, at offset: Int
    ) throws -> Int {
        let names = ["vertex", "vertices", "point", "points"]
        guard let index = elements.firstIndex(where: { names.contains($0.name) }) else {
            throw file.damaged(
                at: offset,
                "has no element 'vertex', but \(elements.map { "'\($0.name)'" }.listed())")
        }
        // Records have one length; a list would give each point its own.
        if let list = elements[index].properties.first(where: { $0.countType != nil }) {
            throw file.damaged(
                at: offset, "has lists '\(list.name)' in its points",
                advice: "save it without them")
        }
        guard !elements[index].properties.isEmpty else {
            throw file.damaged(at: offset, "has points without properties")
        }
        return index
    }
}

/// Splits a text header into lines and words.
struct HeaderLines {
    private let bytes: [UInt8]
    private let file: InputFile
    private let name: String
    /// Offset of the next line.
    private(set) var offset = 0
    /// Number of the next line.
    private(set) var line = 1

    private static let longestLine = 65_536
    /// The last byte of a line.
    private let end: UInt8

    init(_ bytes: [UInt8], of file: InputFile, name: String) {
        self.bytes = bytes
        self.file = file
        self.name = name
        let feed = bytes.prefix(Self.longestLine).firstIndex { [0x0A, 0x0D].contains($0) } ?? 0
        // Old Macintosh programs end lines with a carriage return alone.
        let isReturn =
            feed + 1 < bytes.count && bytes[feed] == 0x0D && bytes[feed + 1] != 0x0A
        end = isReturn ? 0x0D : 0x0A
    }

    /// The error of a header that does not end.
    var unfinished: SourceError { file.damaged(at: offset, "ends inside its \(name)") }

    /// Reads the words of the next line; throws if no line feed follows.
    mutating func next() throws -> [String] {
        let rest = bytes[offset...].prefix(Self.longestLine)
        guard let end = rest.firstIndex(of: end) else {
            throw unfinished
        }
        let text = String(decoding: bytes[offset..<end], as: UTF8.self)
        offset = end + 1
        line += 1
        return text.split(whereSeparator: \.isWhitespace).map(String.init)
    }
}
