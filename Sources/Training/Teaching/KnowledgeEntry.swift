import Checkpoints
import Files
import Networks
import PointClouds
import Tensors

/// File of a knowledge pack that holds the teacher's outputs for one view of one sample: sealed
/// safetensors of half-precision tensors `logits`, `features.dec0`, …, and `auxiliary.enc2`, … where
/// the query names heads.
struct KnowledgeEntry {
    /// Hash of the teacher, the query, sample, view, and the exact values that the teacher reads.
    ///
    /// The settings that lead to these values (scene, transforms, grid, crop, features) need not be
    /// part of it, and a scan that has changed on disk never matches an old entry.
    let address: BLAKE2b
    private let example: Example
    private let teacher: SHA256
    private let query: TeacherQuery

    /// Wider taps than this are taken for damage.
    private static let widest = 1 << 14
    private static let format = "1"

    init(of example: Example, teacher: SHA256, _ query: TeacherQuery) {
        self.example = example
        self.teacher = teacher
        // Queries that differ in order alone must share their entries.
        func sorted(_ taps: [Tap]) -> [Tap] { taps.sorted { $0.description < $1.description } }
        self.query = TeacherQuery(taps: sorted(query.taps), heads: sorted(query.heads))
        var cells: [Int32] = []
        cells.reserveCapacity(3 * example.voxels.count)
        for cell in example.voxels.gridCoordinates {
            cells.append(cell.x)
            cells.append(cell.y)
            cells.append(cell.z)
        }
        func names(_ taps: [Tap]) -> String {
            sorted(taps).map(\.description).joined(separator: " ")
        }
        let text = """
            denju knowledge \(Self.format)
            teacher \(teacher.hex)
            taps \(names(query.taps))
            heads \(names(query.heads))
            sample \(example.sampleID) view \(example.view ?? -1)
            voxels \(example.voxels.count) x \(example.teacherFeatures.columns)
            cells \(BLAKE2b(of: unsafe cells.span.bytes).hex)
            features \(example.teacherFeatures.withBytes { BLAKE2b(of: $0) }.hex)
            """
        address = BLAKE2b(of: text)
    }

    /// Bytes that no entry of this example exceeds.
    func largest(classes: Int) -> Int {
        // Bounds the read before anything in the file is trusted.
        let tensors = query.taps.count + query.heads.count
        return (1 << 16) + 2 * example.voxels.count * (classes + tensors * Self.widest)
    }

    /// The bytes of the entry for these outputs.
    func encoded(_ outputs: NetworkOutputs) -> [UInt8] {
        func named(_ name: String, _ tensor: Tensor) -> NamedTensor {
            NamedTensor(name: name, shape: [tensor.rows, tensor.columns], tensor: tensor)
        }
        let tensors =
            [named("logits", outputs.logits)]
            + query.taps.map { named(Self.features(at: $0), outputs.features(at: $0)) }
            + query.heads.filter(outputs.auxiliaryTaps.contains).map {
                named(Self.auxiliary(at: $0), outputs.auxiliary(at: $0))
            }
        return SealedTensors.bytes(
            of: tensors,
            metadata: [
                ("format", "pt"), ("denju.knowledge", Self.format), ("address", address.hex),
                ("teacher", teacher.hex), ("sample", example.name),
                ("view", example.view.map(String.init) ?? "none"),
            ], precision: .half)
    }

    /// The outputs in an entry's bytes; throws unless every byte is as it was written and all of it
    /// belongs to this example.
    func decoded(_ bytes: [UInt8], name: String, classes: Int) throws -> NetworkOutputs {
        let file = try Self.check(bytes, of: address, name: name)
        // The address covers the inputs, but not the contents: a pack may come from another machine.
        guard try file.shape("logits") == [example.voxels.count, classes] else {
            throw FileError(
                name, tensor: "logits",
                "is not \(example.voxels.count) voxels x \(classes) classes")
        }
        return NetworkOutputs(
            logits: try Self.finite("logits", of: file),
            features: try query.taps.map { ($0, try Self.finite(Self.features(at: $0), of: file)) },
            auxiliary: try query.heads.map {
                ($0, try Self.finite(Self.auxiliary(at: $0), of: file))
            })
    }

    /// A tensor of an entry; throws if it has a number that is not finite.
    private static func finite(_ name: String, of file: SafetensorsFile) throws -> Tensor {
        let tensor = try file.tensor(name)
        // A teacher whose outputs overflow would make every loss infinite, far from its cause.
        if let place = tensor.firstThatIsNotFinite {
            throw FileError(
                file.path, tensor: name, "has a number that is not finite, at place \(place)")
        }
        return tensor
    }

    /// Throws unless an entry is as it was written and every number of it is finite.
    static func checkValues(_ bytes: [UInt8], of address: BLAKE2b, name: String) throws {
        let file = try check(bytes, of: address, name: name)
        for tensor in file.names { _ = try finite(tensor, of: file) }
    }

    /// An entry's file; throws unless every byte is as it was written and it has the address.
    @discardableResult
    static func check(_ bytes: [UInt8], of address: BLAKE2b, name: String) throws -> SafetensorsFile
    {
        let file = try SealedTensors.open(bytes, name: name)
        guard file.metadata["address"] == address.hex else {
            throw FileError(name, "belongs to another address than its name says")
        }
        return file
    }

    private static func features(at tap: Tap) -> String { "features.\(tap)" }
    private static func auxiliary(at tap: Tap) -> String { "auxiliary.\(tap)" }
}
