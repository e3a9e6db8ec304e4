import FoundationEssentials

/// A folder of one test, removed when the test releases it.
final class TemporaryFolder {
    let path: String

    init() throws {
        let parent = FileManager.default.temporaryDirectory.path
        path = parent + (parent.hasSuffix("/") ? "" : "/") + "denju-formats-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Names of the files in the folder.
    func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    }
}

/// The files that the formats' public writers wrote (`Fixtures/make.py`).
let fixtures = "/" + #filePath.split(separator: "/").dropLast().joined(separator: "/") + "/Fixtures"

func bytes(of path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: path)))
}

/// The four bytes of a word, little-endian.
func wordBytes(_ word: UInt32) -> [UInt8] {
    [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: word >> $0) }
}
