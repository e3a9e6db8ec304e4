import Checkpoints
import Networks
import Tensors

/// A fetched teacher's weights as products want them, in a file that a machine's workers map.
///
/// Made of a file whose hash was right; its name and its metadata say of which, and for which layout.
/// One that is damaged, or that others may have written, is not used and made anew.
struct PackedTeacherFile {
    /// How long a worker waits for another that lays the teacher out, before it does so for itself.
    static let patience = Duration.seconds(20)

    private let asset: String
    private let precision: ProductPrecision
    /// What stands in the metadata: whose weights, laid out how.
    private let origin: String
    /// Where it is.
    let path: String

    private static let key = "denju.laid-out"

    /// That of the fetched file with this digest; the precision must be available here.
    init(of asset: String, digest: [UInt8], precision: ProductPrecision) {
        self.asset = asset
        self.precision = precision
        let layout = "\(precision.rawValue)-\(precision.layoutMark.hex)"
        origin = "\(SHA256(bytes: digest)?.hex ?? "") \(layout)"
        path = "\(asset).\(layout)"
    }

    /// The teacher; nil where there is no such file that can be used.
    func read() -> Teacher? {
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

    /// Writes the file of a teacher, and reads it; nil where that cannot be done.
    func write(_ teacher: Teacher) -> Teacher? {
        do {
            let file = try SafetensorsFile(asset)
            let texts = [(key: Self.key, value: origin)] + file.metadata.sorted { $0.key < $1.key }
            let heads = try file.names.filter { $0.hasPrefix(StoredHeads.prefix) }
                .map(file.namedTensor)
            try SharedTensors.write(teacher.laidOut + heads, texts: texts, to: path)
        } catch { return nil }
        return read()
    }
}
