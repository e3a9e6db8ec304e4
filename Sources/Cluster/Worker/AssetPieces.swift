import Messages
import ZeroMQ

/// The pieces of a file on their way from the coordinator: several are asked for ahead, and put back
/// in order as they come.
struct AssetPieces {
    private static let piece = 1 << 20
    private static let ahead = 8

    private let digest: Digest
    private var early: [UInt64: [UInt8]] = [:]
    private var asked: UInt64 = 0
    /// Bytes given out in order so far.
    private(set) var taken: UInt64 = 0
    /// Bytes in all; nil until the first piece has told.
    private(set) var total: UInt64?

    /// The pieces of the file of a digest, and of so many bytes where that is known.
    init(of digest: Digest, total: UInt64? = nil) {
        self.digest = digest
        self.total = total
    }

    /// Whether every byte has come.
    var isComplete: Bool { taken == total }

    /// What to ask first; each answer then asks for one piece more.
    mutating func firstRequests() -> [AssetRequest] {
        (0..<Self.ahead).compactMap { _ in nextRequest() }
    }

    /// Takes a piece: the bytes that follow those given out before, as far as they have come, and the
    /// next request, if any is still to be made.
    mutating func take(
        _ part: AssetPart, _ payload: Frame
    ) -> (bytes: [UInt8], next: AssetRequest?) {
        guard part.digest == digest, part.offset >= taken, part.offset < asked,
            payload.count <= Self.piece, part.total == total ?? part.total
        else { return ([], nil) }
        total = part.total
        early[part.offset] = payload.bytes
        var bytes: [UInt8] = []
        while let next = early.removeValue(forKey: taken), !next.isEmpty {
            bytes += next
            taken += UInt64(next.count)
        }
        return (bytes, nextRequest())
    }

    private mutating func nextRequest() -> AssetRequest? {
        guard asked < total ?? .max else { return nil }
        defer { asked += UInt64(Self.piece) }
        return AssetRequest(digest: digest, offset: asked, length: UInt32(Self.piece))
    }
}
