import Checkpoints
import Files
import Networks
import Tensors

/// File with a fetched teacher's weights packed for products, which all workers of a machine map.
///
/// Its name and metadata state the verified file that it was made from, and the layout. A damaged file, or
/// one that other users can write, is not used and written again.
struct PackedTeacherFile {
    /// The time that a worker waits for another one to pack the teacher before it does so itself.
    static let timeout = Duration.seconds(20)

    private let asset: String
    private let precision: ProductPrecision
    /// The origin in the metadata: the digest of the weights, and the layout.
    private let origin: String
    /// The path of the file.
    let path: String

    private static let key = "denju.laid-out"

    /// The packed file of the fetched file with this digest; the precision must be supported here.
    init(of asset: String, digest: [UInt8], precision: ProductPrecision) {
        self.asset = asset
        self.precision = precision
        let layout = "\(precision.rawValue)-\(precision.layoutMark.hex)"
        origin = "\(SHA256(bytes: digest)?.hex ?? "") \(layout)"
        path = "\(asset).\(layout)"
    }

    /// The teacher; nil if there is no usable file.
    func read() -> Teacher? {
        // A file of another layout is left by another version of denju, or by another precision.
        guard let shared = try? SharedTensors(path), shared.metadata[Self.key] == origin else {
            return nil
        }
        return try? Teacher(of: shared.file, precision: precision) { specification in
            let bytes = try shared.bytes(of: specification.name)
            guard let value = specification.frozen(readingIn: bytes, precision: precision) else {
                throw FileError(path, tensor: specification.name, "is laid out in another way")
            }
            return value
        }
    }

    /// Writes the file of a teacher and reads it; nil if that fails.
    func write(_ teacher: Teacher) -> Teacher? {
        do {
            let file = try SafetensorsFile(asset)
            let texts = [(key: Self.key, value: origin)] + file.metadata.sorted { $0.key < $1.key }
            let heads = try file.names.filter { $0.hasPrefix(StoredHeads.prefix) }
                .map(file.namedTensor)
            try SharedTensors.write(teacher.laidOut + heads, texts: texts, to: path)
            // A full or read-only disk costs memory, not the run.
        } catch { return nil }
        return read()
    }
}
