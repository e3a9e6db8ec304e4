import Foundation

/// Small inputs of faults that were found with real files.
enum Case {
    /// The path of a file or folder.
    static func path(_ name: String) throws -> String {
        guard let folder = Bundle.module.resourceURL?.appending(path: "Cases") else {
            throw TestError("The tests have no folder of cases.")
        }
        return folder.appending(path: name).path
    }

    /// Copies a file or folder into a test's folder.
    static func copy(_ name: String, to other: String, in folder: Folder) throws {
        try FileManager.default.copyItem(atPath: path(name), toPath: folder(other))
    }
}

/// A grid of labelled points in the formats that commands read.
struct PointFile {
    /// x, y, z, a value from 0 to 1 and a label.
    var points: [(x: Float, y: Float, z: Float, value: Float, label: Int)]

    /// A floor (label 0) with a wall (label 1); `turn` varies the values.
    init(turn: Int = 0) {
        points = (0..<160).map { index in
            let isWall = index % 4 == 0
            let (row, column) = (index / 16, index % 16)
            return (
                Float(column) * 0.4 - 3, isWall ? 2.5 : Float(row) * 0.4 - 2,
                isWall ? Float(row) * 0.3 : 0, Float((index + 7 * turn) % 40) / 40,
                isWall ? 1 : 0
            )
        }
    }

    /// ASCII PLY; `value` names the property of the values.
    func ply(value: String = "intensity", scale: Float = 1, more: String = "") -> String {
        let names = ["float x", "float y", "float z", "float \(value)", "uchar label"]
        return """
            ply
            format ascii 1.0
            element vertex \(points.count)
            \(names.map { "property " + $0 }.joined(separator: "\n"))\(more.isEmpty ? "" : "\nproperty float other")
            end_header
            \(points.map { "\($0.x) \($0.y) \($0.z) \($0.value * scale) \($0.label)" + more }.joined(separator: "\n"))

            """
    }

    /// ASCII PCD.
    func pcd(value: String = "intensity") -> String {
        """
        VERSION .7
        FIELDS x y z \(value) label
        SIZE 4 4 4 4 4
        TYPE F F F F U
        COUNT 1 1 1 1 1
        WIDTH \(points.count)
        HEIGHT 1
        POINTS \(points.count)
        DATA ascii
        \(points.map { "\($0.x) \($0.y) \($0.z) \($0.value) \($0.label)" }.joined(separator: "\n"))

        """
    }

    /// Rows of Float32: x, y, z, value and further columns.
    func bin(scale: Float = 1, more: [Float] = []) -> [UInt8] {
        points.flatMap { point in
            ([point.x, point.y, point.z, point.value * scale] + more).flatMap {
                Self.word($0.bitPattern)
            }
        }
    }

    /// A `.npy` array of Float32 with so many columns.
    static func npy(_ rows: [[Float]]) -> [UInt8] {
        let width = rows.first?.count ?? 1
        let shape = width == 1 ? "(\(rows.count),)" : "(\(rows.count), \(width))"
        let text = "{'descr': '<f4', 'fortran_order': False, 'shape': \(shape), }"
        let padded = text + String(repeating: " ", count: 117 - text.utf8.count) + "\n"
        return [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(padded.utf8)
            + rows.flatMap { $0.flatMap { word($0.bitPattern) } }
    }

    static func word(_ word: UInt32) -> [UInt8] {
        [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: word >> $0) }
    }
}
