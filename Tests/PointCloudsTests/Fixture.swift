import Foundation

/// Integer tensors of a fixture made with the public implementation: a safetensors file of a few
/// kilobytes, read plainly.
struct Fixture {
    private let header: [String: Entry]
    private let values: Data

    private struct Entry: Decodable {
        var dtype: String
        var shape: [Int]
        var offsets: [Int]

        enum CodingKeys: String, CodingKey {
            case dtype, shape
            case offsets = "data_offsets"
        }
    }

    /// The folder of fixtures beside the checkout, or nil.
    static let folder: URL? = {
        let package = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let folder = package.appending(path: "../shared/fixtures")
        return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
    }()

    init(_ path: String) throws {
        let data = try Data(contentsOf: Self.folder!.appending(path: path))
        let length = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        header = try JSONDecoder().decode([String: Entry].self, from: data[8..<8 + length])
        values = Data(data[(8 + length)...])
    }

    /// The integers of a tensor, row by row, and its last dimension.
    func integers(_ name: String) throws -> (values: [Int64], columns: Int) {
        let entry = header[name]!
        let bytes = values[entry.offsets[0]..<entry.offsets[1]]
        let width = entry.dtype == "I64" ? 8 : 4
        let numbers = stride(from: bytes.startIndex, to: bytes.endIndex, by: width).map { at in
            let bits = bytes[at..<at + width].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return width == 8
                ? Int64(bitPattern: bits) : Int64(Int32(bitPattern: UInt32(bits)))
        }
        return (numbers, entry.shape.last ?? 1)
    }

    /// The rows of a two-dimensional tensor.
    func rows(_ name: String) throws -> [[Int64]] {
        let (values, columns) = try integers(name)
        return stride(from: 0, to: values.count, by: columns).map {
            Array(values[$0..<$0 + columns])
        }
    }

    /// The cells of a `grid_coord` tensor.
    func cells(_ name: String) throws -> [SIMD3<Int32>] {
        try rows(name).map { SIMD3(Int32($0[0]), Int32($0[1]), Int32($0[2])) }
    }
}

/// Lists cut at the offsets of the public implementation (the end of each cloud).
func cut<Element>(_ list: [Element], at offsets: [Int64]) -> [[Element]] {
    zip([0] + offsets, offsets).map { Array(list[Int($0)..<Int($1)]) }
}
