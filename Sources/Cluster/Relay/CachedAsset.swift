import Foundation
import Messages
import ZeroMQ

/// A file of the cache, read piece by piece as it is asked for.
struct CachedAsset {
    private let file: FileHandle
    private let digest: Digest
    /// How many bytes it has.
    let total: Int
    /// Bytes that are sent at once.
    private static let piece = 1 << 20

    /// Opens the file of a digest; nil where there is none.
    init?(_ digest: Digest, at path: String) throws {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        self.file = file
        self.digest = digest
        total = Int(clamping: try file.seekToEnd())
    }

    /// A piece; nil if it would begin beyond the file's end, or cannot be read.
    func part(_ request: AssetRequest) -> WireMessage? {
        guard request.offset < UInt64(total),
            (try? file.seek(toOffset: request.offset)) != nil,
            let bytes = try? file.read(upToCount: min(Int(request.length), Self.piece))
        else { return nil }
        return WireMessage(
            AssetPart(digest: digest, offset: request.offset, total: UInt64(total)),
            payloads: [Frame(Array(bytes))])
    }
}
