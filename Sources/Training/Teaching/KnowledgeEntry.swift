import Checkpoints
import Networks
import PointClouds
import Tensors

/// What a teacher says about one view of one sample, as it lies in a knowledge pack: a sealed
/// safetensors file of half-precision tensors, `logits`, `features.dec0`, …, and
/// `auxiliary.enc2`, … where the teacher has heads that were asked.
struct KnowledgeEntry {
    /// What the entry belongs to.
    ///
    /// Made of the teacher, the question, sample, view, and the very numbers the teacher is shown. All
    /// that leads to these (scene, transforms, grid, crop, choice of features) therefore need not
    /// be named, and a scan that has changed on disk is never answered with old knowledge.
    let address: BLAKE2b
    private let example: Example
    private let teacher: SHA256
    private let question: TeacherQuery

    /// Wider taps than this are taken for damage.
    private static let widest = 1 << 14
    private static let format = "1"

    init(of example: Example, teacher: SHA256, _ question: TeacherQuery) {
        self.example = example
        self.teacher = teacher
        // The order in which things are asked for is of no account.
        func sorted(_ taps: [Tap]) -> [Tap] { taps.sorted { $0.description < $1.description } }
        self.question = TeacherQuery(taps: sorted(question.taps), heads: sorted(question.heads))
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
            taps \(names(question.taps))
            heads \(names(question.heads))
            sample \(example.sampleID) view \(example.view ?? -1)
            voxels \(example.voxels.count) x \(example.teacherFeatures.columns)
            cells \(BLAKE2b(of: unsafe cells.span.bytes).hex)
            features \(example.teacherFeatures.withBytes { BLAKE2b(of: $0) }.hex)
            """
        address = BLAKE2b(of: text)
    }

    /// An entry of more bytes is none of this example's.
    func largest(classes: Int) -> Int {
        let tensors = question.taps.count + question.heads.count
        return (1 << 16) + 2 * example.voxels.count * (classes + tensors * Self.widest)
    }

    /// The bytes of the entry that holds the knowledge.
    func encoded(_ knowledge: Knowledge) -> [UInt8] {
        func named(_ name: String, _ tensor: Tensor) -> NamedTensor {
            NamedTensor(name: name, shape: [tensor.rows, tensor.columns], tensor: tensor)
        }
        let tensors =
            [named("logits", knowledge.logits)]
            + question.taps.map { named(Self.features(at: $0), knowledge.features[$0]!) }
            + question.heads.compactMap { tap in
                knowledge.auxiliary.first { $0.tap == tap }.map {
                    named(Self.auxiliary(at: tap), $0.tensor)
                }
            }
        return SealedTensors.bytes(
            of: tensors,
            metadata: [
                ("format", "pt"), ("denju.knowledge", Self.format), ("address", address.hex),
                ("teacher", teacher.hex), ("sample", example.name),
                ("view", example.view.map(String.init) ?? "none"),
            ], precision: .half)
    }

    /// The knowledge in an entry's bytes; throws unless every byte is as it was written and all of
    /// it belongs to this example.
    func decoded(_ bytes: [UInt8], name: String, classes: Int) throws -> Knowledge {
        let file = try Self.check(bytes, of: address, name: name)
        guard try file.shape("logits") == [example.voxels.count, classes] else {
            throw FileError(
                name, tensor: "logits",
                "is not \(example.voxels.count) voxels x \(classes) classes")
        }
        let features = try question.taps.map { ($0, try file.tensor(Self.features(at: $0))) }
        return Knowledge(
            logits: try file.tensor("logits"),
            features: Dictionary(uniqueKeysWithValues: features),
            auxiliary: try question.heads.map { ($0, try file.tensor(Self.auxiliary(at: $0))) })
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
