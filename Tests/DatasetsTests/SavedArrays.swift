/// Arrays as NumPy saves them, with the types that data sets in Pointcept's layout have.
struct SavedArray {
    /// The bytes of a `.npy` file, version 1.0.
    let bytes: [UInt8]

    private init(_ type: String, _ shape: [Int], _ data: [UInt8]) {
        let lengths = shape.map { "\($0), " }.joined()
        var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(lengths)), }"
        header += String(repeating: " ", count: 127 - 10 - header.utf8.count) + "\n"
        bytes =
            [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0]
            + Array(header.utf8) + data
    }

    static func uint8(_ values: [UInt8], _ shape: [Int]) -> SavedArray {
        SavedArray("|u1", shape, values)
    }

    static func int16(_ values: [Int16], _ shape: [Int]) -> SavedArray {
        SavedArray("<i2", shape, values.flatMap { Self.littleEndian(UInt16(bitPattern: $0)) })
    }

    static func int32(_ values: [Int32], _ shape: [Int]) -> SavedArray {
        SavedArray("<i4", shape, values.flatMap { Self.littleEndian(UInt32(bitPattern: $0)) })
    }

    static func int64(_ values: [Int64], _ shape: [Int]) -> SavedArray {
        SavedArray("<i8", shape, values.flatMap { Self.littleEndian(UInt64(bitPattern: $0)) })
    }

    static func float32(_ values: [Float], _ shape: [Int]) -> SavedArray {
        SavedArray("<f4", shape, values.flatMap { Self.littleEndian($0.bitPattern) })
    }

    static func float64(_ values: [Double], _ shape: [Int]) -> SavedArray {
        SavedArray("<f8", shape, values.flatMap { Self.littleEndian($0.bitPattern) })
    }

    /// An array of Python objects, which only a program that executes it could load.
    static func objects() -> SavedArray { SavedArray("|O", [], [0x80, 0x04, 0x4E, 0x2E]) }

    private static func littleEndian(_ word: some FixedWidthInteger) -> [UInt8] {
        (0..<word.bitWidth / 8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
    }

    // MARK: - Three points

    static let coord = float32([0, 0, 0, 1, 0, 0, 0, 2, 1], [3, 3])
    static let color = uint8([255, 0, 51, 0, 255, 0, 51, 51, 51], [3, 3])
    static let normal = float32([0, 0, 1, 0, 1, 0, 1, 0, 0], [3, 3])
    /// Coordinates, colours and normals as most data sets of rooms have them.
    static let room = ["coord": coord, "color": color, "normal": normal]
}

extension TemporaryFolder {
    /// Writes a scene: a folder of arrays.
    func write(scene: String, _ arrays: [String: SavedArray]) throws {
        for (name, array) in arrays { try write(array.bytes, to: "\(scene)/\(name).npy") }
    }
}
