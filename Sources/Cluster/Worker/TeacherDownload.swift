import Checkpoints
import Foundation
import Messages
import ZeroMQ

/// A teacher on its way from the coordinator, piece by piece; kept under its hash, so that it is
/// fetched once a machine.
///
/// Pieces go to a file as they come; in memory are at most those that came before an earlier one.
final class TeacherDownload {
    private let digest: Digest
    private let path: String
    private let unfinished: String
    private var file: (any WritableFile)?
    private var hasher = SHA256.Hasher()
    private var pieces: AssetPieces

    init(_ digest: Digest, cache: String) {
        self.digest = digest
        pieces = AssetPieces(of: digest)
        path = Self.path(of: digest, in: cache)
        // Of several workers on a machine, each fetches into a file of its own.
        unfinished = path + ".\(ProcessInfo.processInfo.processIdentifier)"
    }

    deinit { abandon() }

    static func path(of digest: Digest, in cache: String) -> String {
        cache + "/teacher-\(digest).safetensors"
    }

    /// Whether the machine has it already.
    ///
    /// Its hash is checked when it is read.
    var isCached: Bool { FileManager.default.fileExists(atPath: path) }

    /// Whether every byte is there.
    var isComplete: Bool { pieces.isComplete }

    /// Bytes that have come.
    var size: UInt64 { pieces.taken }

    /// What to ask first; each answer then asks for one piece more.
    func firstRequests() -> [AssetRequest] { pieces.firstRequests() }

    /// Takes a piece; the next request, if any is still to be made.
    func take(_ part: AssetPart, _ payload: Frame) throws -> AssetRequest? {
        let (bytes, next) = pieces.take(part, payload)
        if !bytes.isEmpty { try append(bytes) }
        return next
    }

    private func append(_ bytes: [UInt8]) throws {
        if file == nil {
            let folder = (path as NSString).deletingLastPathComponent
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
            // Left by a process of the same number that was killed.
            try? FileManager.default.removeItem(atPath: unfinished)
            file = try LocalFileSystem().create(unfinished)
        }
        try file?.write(bytes)
        hasher.update(bytes)
    }

    /// Puts it into the cache, whole or not at all.
    func store() throws {
        guard hasher.finalize().bytes == digest.bytes else {
            abandon()
            throw WorkerError(
                "The teacher that came from the coordinator does not have the hash \(digest): "
                    + "start the worker again.")
        }
        try file?.synchronize()
        try file?.close()
        file = nil
        try LocalFileSystem().rename(unfinished, to: path)
    }

    private func abandon() {
        guard file != nil else { return }
        try? file?.close()
        file = nil
        try? FileManager.default.removeItem(atPath: unfinished)
    }
}
