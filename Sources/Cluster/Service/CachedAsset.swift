import Foundation
import Messages

/// A file of the cache, read piece by piece as workers ask for it.
struct CachedAsset: Asset {
    // A worker chooses the length of its request: without a limit it could have a whole teacher read.
    private static let pieceBytes = 1 << 20

    let digest: Digest
    let count: Int
    private let file: FileHandle

    /// Opens the file of a digest; nil if it does not exist.
    init?(_ digest: Digest, at path: String) throws {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        self.file = file
        self.digest = digest
        count = Int(clamping: try file.seekToEnd())
    }

    func bytes(from offset: Int, atMost count: Int) -> [UInt8]? {
        guard (try? file.seek(toOffset: UInt64(offset))) != nil,
            let data = try? file.read(upToCount: min(count, Self.pieceBytes))
        else { return nil }
        return Array(data)
    }
}
