import Foundation
import Messages
import ZeroMQ

/// A file of the cache, read piece by piece as workers ask for it.
///
/// A piece that is under way to one worker is shared with all others that ask for it, so that memory
/// never holds more than the file.
final class CachedAsset: Asset {
    private struct Entry { weak var piece: SharedBytes? }

    let digest: Digest
    let count: Int
    private let file: FileHandle
    /// The pieces that were read, by number; those that no worker is sent any more are gone.
    private var pieces: [Int: Entry] = [:]

    /// Opens the file of a digest; nil if it does not exist.
    init?(_ digest: Digest, at path: String) throws {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        self.file = file
        self.digest = digest
        count = Int(clamping: try file.seekToEnd())
    }

    func bytes(from offset: Int, atMost count: Int) -> Frame? {
        guard let piece = piece(offset / assetPieceBytes) else { return nil }
        let begin = offset % assetPieceBytes
        let end = min(begin + count, piece.count)
        return begin < end ? Frame(piece).slice(begin..<end) : nil
    }

    private func piece(_ number: Int) -> SharedBytes? {
        if let known = pieces[number]?.piece { return known }
        guard (try? file.seek(toOffset: UInt64(number * assetPieceBytes))) != nil,
            let data = try? file.read(upToCount: assetPieceBytes)
        else { return nil }
        let piece = SharedBytes(Array(data))
        pieces[number] = Entry(piece: piece)
        return piece
    }
}
