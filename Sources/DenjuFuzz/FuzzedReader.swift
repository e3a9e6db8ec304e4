import Checkpoints
import ClusterTesting
import Datasets
import Formats
import Glibc
import Interchange
import Messages
import Training
import ZipArchives

/// A reader of untrusted bytes that libFuzzer explores.
///
/// A reader answers with a value or throws; anything else (a crash, a hang, memory beyond the limit of
/// libFuzzer) is a finding.
enum FuzzedReader: String, CaseIterable {
    case message, las, laz, pcd, ply, npy, npz, zip, safetensors, pickle, pth, cloud, recipe

    /// The error of a reader that breaks its own promise.
    struct Contradiction: Error {}

    /// Reads the bytes.
    func read(_ bytes: [UInt8]) throws {
        switch self {
        case .message: try Self.readMessage(bytes)
        case .las, .laz:
            let file = try LASFile(Self.path(of: bytes))
            _ = try file.points()
        case .pcd: _ = try PCDFile(Self.path(of: bytes)).points()
        case .ply: _ = try PLYFile(Self.path(of: bytes)).points()
        case .npy: _ = try NumPyArray.read(Self.path(of: bytes), name: "scan")
        case .npz: _ = try NumPyArray.readArchive(Self.path(of: bytes)) { _ in true }
        case .zip:
            let archive = try ZipArchive(Self.path(of: bytes))
            for entry in archive.entries { _ = try archive.contents(of: entry) }
        case .safetensors:
            let file = try SafetensorsFile(bytes: bytes, name: "weights")
            for name in file.names { _ = try file.namedTensor(name) }
        case .pickle: try PyTorchFile.check(pickle: bytes, of: InputFile(bytes, name: "weights"))
        case .pth: _ = try PyTorchFile(Self.path(of: bytes)).weights()
        case .cloud: _ = try PackedCloud.cloud(from: bytes, name: "scan")
        case .recipe: _ = try Recipe(yaml: String(decoding: bytes, as: UTF8.self), file: "recipe")
        }
    }

    /// Valid inputs to begin with, where the tests have no files of the format.
    var seeds: [[UInt8]] {
        get throws {
            guard self == .message else { return [] }
            return try Corpus.frames(run: RunID(high: 1, low: 2), epoch: 3).map { frames in
                let sizes = frames.dropFirst(2).map(\.count)
                let head = [frames[0].count >> 8, frames[0].count & 255, sizes.count]
                let lengths = sizes.flatMap { [$0 >> 16, $0 >> 8 & 255, $0 & 255] }
                return (head + lengths).map { UInt8(truncatingIfNeeded: $0) } + frames[0]
                    + frames[1]
            }
        }
    }

    /// Decodes a message; what is accepted must be written back byte for byte.
    ///
    /// The input begins with the length of the envelope (two bytes), the number of payloads, and the size
    /// of each (three bytes).
    private static func readMessage(_ bytes: [UInt8]) throws {
        guard bytes.count >= 3, bytes.count >= 3 + 3 * Int(bytes[2]) else { return }
        let sizes = (0..<Int(bytes[2])).map { payload in
            bytes[(3 + 3 * payload)..<(6 + 3 * payload)].reduce(0) { $0 << 8 | Int($1) }
        }
        let rest = bytes[(3 + 3 * sizes.count)...]
        let envelope = Array(rest.prefix(Int(bytes[0]) << 8 | Int(bytes[1])))
        let body = Array(rest.dropFirst(envelope.count))
        let (found, message) = try MessageCatalogue.decode(
            envelope: envelope, body: body, payloadSizes: sizes)
        let again = try message.encode(
            run: found.run, epoch: found.epoch, payloadSizes: sizes)
        guard again.envelope == envelope, again.body == body else { throw Contradiction() }
    }

    /// A file in memory with the bytes, the same for every input.
    private static func path(of bytes: [UInt8]) throws -> String {
        let path = "/dev/shm/denju-fuzz-\(getpid())"
        guard let file = unsafe fopen(path, "w") else { throw Contradiction() }
        unsafe fwrite(bytes, 1, bytes.count, file)
        unsafe fclose(file)
        return path
    }
}
