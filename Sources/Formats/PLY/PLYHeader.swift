import Archives

/// The header of a PLY file: which elements follow and what each is made of.
///
/// As in "The PLY polygon file format" by Greg Turk, 1994.
struct PLYHeader: Sendable {
    enum Encoding: String, Sendable {
        case ascii
        case littleEndian = "binary_little_endian"
        case bigEndian = "binary_big_endian"
    }

    struct Property: Sendable, Equatable {
        let name: String
        let type: ScalarType
        /// The type of the number of values, where the property is a list.
        let countType: ScalarType?
    }

    struct Element: Sendable, Equatable {
        let name: String
        let count: Int
        fileprivate(set) var properties: [Property] = []
        /// Behind the element's last line in the header.
        fileprivate(set) var end: Int

        /// Bytes of one, where it has no lists.
        var size: Int? {
            properties.contains { $0.countType != nil }
                ? nil : properties.reduce(0) { $0 + $1.type.size }
        }
    }

    let encoding: Encoding
    let elements: [Element]
    /// Which element the points are.
    let points: Int
    /// Where the elements begin in the file, and in which line.
    let dataOffset: Int
    let firstLine: Int

    /// Headers are a few lines; longer ones are of something else.
    private static let longest = 1 << 20

    private static let types: [String: ScalarType] = [
        "char": .int8, "uchar": .uint8, "short": .int16, "ushort": .uint16, "int": .int32,
        "uint": .uint32, "float": .float32, "double": .float64, "int8": .int8, "uint8": .uint8,
        "int16": .int16, "uint16": .uint16, "int32": .int32, "uint32": .uint32,
        "float32": .float32, "float64": .float64,
    ]

    /// Reads the header.
    init(_ file: InputFile) throws {
        var lines = HeaderLines(
            try file.bytes(0..<min(file.size, Self.longest)), of: file, name: "PLY header")
        guard let first = try? lines.next(), first == ["ply"] else {
            throw file.damaged(at: 0, "is no PLY file")
        }
        var encoding: Encoding?
        var elements: [Element] = []
        while true {
            let at = lines.offset
            let words = try lines.next()
            switch words.first {
            case nil, "comment", "obj_info": continue
            case "format":
                guard words.count == 3, let found = Encoding(rawValue: words[1]), words[2] == "1.0"
                else {
                    throw file.damaged(
                        at: at, "is of the PLY format '\(words.dropFirst().joined(separator: " "))'"
                    )
                }
                encoding = found
            case "element":
                guard words.count == 3, let count = Int(words[2]), count >= 0 else {
                    throw file.damaged(at: at, "declares an element that is no name and number")
                }
                elements.append(Element(name: words[1], count: count, end: lines.offset))
            case "property":
                guard !elements.isEmpty else {
                    throw file.damaged(at: at, "has a property of no element")
                }
                let property = try Self.property(words, of: file, at: at)
                guard
                    !elements[elements.count - 1].properties.contains(where: {
                        $0.name == property.name
                    })
                else {
                    throw file.damaged(at: at, "declares the property '\(property.name)' twice")
                }
                elements[elements.count - 1].properties.append(property)
                elements[elements.count - 1].end = lines.offset
            case "end_header":
                guard let encoding else {
                    throw file.damaged(at: at, "does not say how it is written")
                }
                self.encoding = encoding
                self.elements = elements
                dataOffset = lines.offset
                firstLine = lines.line
                points = try Self.points(in: elements, of: file, at: at)
                return
            case let word?:
                throw file.damaged(at: at, "has a line '\(word.prefix(40))' in its header")
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
        guard let place = elements.firstIndex(where: { names.contains($0.name) }) else {
            throw file.damaged(
                at: offset,
                "has no element 'vertex', but \(elements.map { "'\($0.name)'" }.listed())")
        }
        if let list = elements[place].properties.first(where: { $0.countType != nil }) {
            throw file.damaged(
                at: offset, "has lists '\(list.name)' in its points",
                advice: "save it without them")
        }
        guard !elements[place].properties.isEmpty else {
            throw file.damaged(at: offset, "has points of nothing")
        }
        return place
    }
}

/// The lines of a text header as words.
struct HeaderLines {
    private let bytes: [UInt8]
    private let file: InputFile
    private let name: String
    /// Where the next line begins, and its number.
    private(set) var offset = 0
    private(set) var line = 1

    /// The longest line that is read.
    private static let longest = 65_536

    init(_ bytes: [UInt8], of file: InputFile, name: String) {
        self.bytes = bytes
        self.file = file
        self.name = name
    }

    /// The words of the next line, which must end.
    mutating func next() throws -> [String] {
        let rest = bytes[offset...].prefix(Self.longest)
        guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
            throw file.damaged(at: offset, "ends inside its \(name)")
        }
        let text = String(decoding: bytes[offset..<end], as: UTF8.self)
        offset = end + 1
        line += 1
        return text.split(whereSeparator: \.isWhitespace).map(String.init)
    }
}
