import Messages
import ZeroMQ

/// The pieces of a file that is being fetched: several requests are under way at once, and the pieces
/// are put in order as they arrive.
struct AssetPieces {
    private static let pieceSize = 1 << 20
    // Requests under way hide the latency of the network; memory holds at most this many pieces.
    private static let requestsUnderWay = 8

    private let digest: Digest
    private var early: [UInt64: [UInt8]] = [:]
    private var requested: UInt64 = 0
    /// The number of bytes returned in order so far.
    private(set) var delivered: UInt64 = 0
    /// The size of the file, bytes; nil until the first piece has arrived.
    private(set) var total: UInt64?

    /// The pieces of the file with a digest, and of a size in bytes if it is known.
    init(of digest: Digest, total: UInt64? = nil) {
        self.digest = digest
        self.total = total
    }

    /// Whether every byte has arrived.
    var isComplete: Bool { delivered == total }

    /// The first requests; each piece that arrives then allows one more.
    mutating func firstRequests() -> [AssetRequest] {
        (0..<Self.requestsUnderWay).compactMap { _ in nextRequest() }
    }

    /// Records a piece.
    ///
    /// - Returns: the bytes that follow those returned before, as far as they have arrived, and the
    ///   next request, if one remains.
    mutating func receive(
        _ part: AssetPart, _ payload: Frame
    ) -> (bytes: [UInt8], next: AssetRequest?) {
        // Pieces are untrusted: one that was not requested, arrived before or has another size is
        // ignored, and the digest of the whole file decides at the end.
        guard part.digest == digest, part.offset >= delivered, part.offset < requested,
            payload.count <= Self.pieceSize, part.total == total ?? part.total
        else { return ([], nil) }
        total = part.total
        early[part.offset] = payload.bytes
        var bytes: [UInt8] = []
        while let next = early.removeValue(forKey: delivered), !next.isEmpty {
            bytes += next
            delivered += UInt64(next.count)
        }
        return (bytes, nextRequest())
    }

    private mutating func nextRequest() -> AssetRequest? {
        guard requested < total ?? .max else { return nil }
        defer { requested += UInt64(Self.pieceSize) }
        return AssetRequest(digest: digest, offset: requested, length: UInt32(Self.pieceSize))
    }
}
