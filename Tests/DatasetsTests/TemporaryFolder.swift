import FoundationEssentials

/// A temporary folder, removed with the object.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = temporaryPath() + "denju-datasets-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes bytes to a file below the folder, and creates folders as necessary.
    @discardableResult
    func write(_ bytes: [UInt8], to name: String) throws -> String {
        let file = path + "/" + name
        let parent = file.split(separator: "/").dropLast().joined(separator: "/")
        try FileManager.default.createDirectory(
            atPath: "/" + parent, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(filePath: file))
        return file
    }

    func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    }
}

private func temporaryPath() -> String {
    let path = FileManager.default.temporaryDirectory.path
    return path.hasSuffix("/") ? path : path + "/"
}

func bytes(of path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: path)))
}

/// The bytes of a scan file: x, y, z and remission of each point.
func scanBytes(_ points: [(Float, Float, Float, Float)]) -> [UInt8] {
    points.flatMap { point in
        [point.0, point.1, point.2, point.3].flatMap { wordBytes($0.bitPattern) }
    }
}

func wordBytes(_ word: UInt32) -> [UInt8] {
    [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: word >> $0) }
}
