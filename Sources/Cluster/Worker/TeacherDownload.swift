import Checkpoints
import Foundation
import Messages
import ZeroMQ

/// A teacher on its way from the coordinator, piece by piece; kept under its hash, so that it is
/// fetched once a machine.
final class TeacherDownload {
    private static let piece = 1 << 20
    private static let ahead = 8

    private let digest: Digest
    private let path: String
    private var pieces: [UInt64: [UInt8]] = [:]
    private var received: UInt64 = 0
    private var asked: UInt64 = 0
    /// Bytes in all, once the first piece has told.
    private(set) var total: UInt64 = 0

    init(_ digest: Digest, cache: String) {
        self.digest = digest
        path = Self.path(of: digest, in: cache)
    }

    static func path(of digest: Digest, in cache: String) -> String {
        cache + "/teacher-\(digest).safetensors"
    }

    /// Whether the machine has it already.
    ///
    /// Its hash is checked when it is read.
    var isCached: Bool { FileManager.default.fileExists(atPath: path) }

    /// Whether every byte is there.
    var isComplete: Bool { total > 0 && received == total }

    /// What to ask first; each answer then asks for one piece more.
    var firstRequests: [AssetRequest] { (0..<Self.ahead).map { _ in nextRequest() } }

    /// Takes a piece; the next request, if any is still to be made.
    func take(_ part: AssetPart, _ payload: Frame) throws -> AssetRequest? {
        guard part.digest == digest else { return nil }
        total = part.total
        if pieces[part.offset] == nil {
            pieces[part.offset] = payload.bytes
            received += UInt64(payload.count)
        }
        return asked < total ? nextRequest() : nil
    }

    private func nextRequest() -> AssetRequest {
        defer { asked += UInt64(Self.piece) }
        return AssetRequest(digest: digest, offset: asked, length: UInt32(Self.piece))
    }

    /// Writes it to the cache, whole or not at all.
    func store() throws {
        var data = Data(capacity: Int(total))
        for offset in pieces.keys.sorted() { data.append(contentsOf: pieces[offset]!) }
        guard SHA256(of: [UInt8](data)).bytes == digest.bytes else {
            throw WorkerError(
                "The teacher that came from the coordinator does not have the hash \(digest): "
                    + "start the worker again.")
        }
        let folder = (path as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        try data.write(to: URL(fileURLWithPath: path), options: .atomic)
        pieces = [:]
    }
}
