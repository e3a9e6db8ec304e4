import CheckpointTesting
import Checkpoints
import Files
import Networks
import PointClouds
import Synchronization
import Tensors
import Testing
import Training

/// Storage of a knowledge pack, and its treatment of damaged, missing and foreign entries.
@Suite struct KnowledgePackTests {
    private let disk = SimulatedDisk()
    private let notes = Notes()
    private let run: TinyRun
    private let teacher: Teacher
    private let query = TeacherQuery(taps: [.decoder(0), .encoder(1)])

    init() throws {
        run = try TinyRun(objectives: "- relation.dense", more: "views: {count: 3}")
        teacher = try Teacher(network: run.student, weights: run.student.initialWeights(seed: 99))
    }

    /// Sentences from any thread.
    private final class Notes: Sendable {
        private let lines = Mutex<[String]>([])
        func add(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }
    }

    private func growing(limit: Int? = nil) throws -> KnowledgePack {
        try KnowledgePack(growing: "pack", run.description(), limit: limit, in: disk) {
            [notes] in notes.add($0)
        }
    }

    private func complete() throws -> KnowledgePack {
        try KnowledgePack(complete: "pack", classes: run.student.classes, in: disk)
    }

    private func example(_ sample: Int = 0, view: Int = 0) throws -> Example {
        try run.loader.example(of: sample, view: view, of: FixedViews(count: 3))
    }

    private func answer(on example: Example) throws -> NetworkOutputs {
        let scene = Scene(
            features: example.features,
            hierarchy: try run.student.geometry.hierarchy(
                gridCoordinates: [example.voxels.gridCoordinates]))
        return teacher.outputs(for: scene, query)
    }

    private func expectSame(_ a: NetworkOutputs?, _ b: NetworkOutputs) throws {
        let a = try #require(a)
        #expect(a.logits.isBitIdentical(to: b.logits))
        #expect(Set(a.taps) == Set(b.taps))
        for tap in a.taps {
            #expect(a.features(at: tap).isBitIdentical(to: b.features(at: tap)))
        }
    }

    /// The files of the pack's entries.
    private func files() throws -> [String] {
        try disk.names(in: "pack/entries").flatMap { folder in
            try disk.names(in: "pack/entries/" + folder).map { "pack/entries/\(folder)/\($0)" }
        }
    }

    // MARK: - Keeping

    @Test func storedOutputsAreReadAsReturned() throws {
        let (pack, example) = (try growing(), try example())
        #expect(try pack.outputs(for: example, query) == nil)
        let answer = try answer(on: example)
        let kept = try pack.store(answer, for: example)
        try expectSame(pack.outputs(for: example, query), kept)
        try expectSame(growing().outputs(for: example, query), kept)
        try expectSame(complete().outputs(for: example, query), kept)
        // The order in which taps are asked for is of no account.
        try expectSame(
            complete().outputs(for: example, TeacherQuery(taps: query.taps.reversed())), kept)
        // Rounded to half precision, and to nothing coarser.
        #expect(kept.logits.values == answer.logits.values.map { Float(Float16($0)) })
        for tap in query.taps {
            let exact = answer.features(at: tap).values
            #expect(kept.features(at: tap).values == exact.map { Float(Float16($0)) })
        }
        #expect(kept.features(at: .encoder(1)).rows < kept.logits.rows, "a coarser stage's rows")
        #expect(notes.all.isEmpty)
    }

    @Test func entriesAreHalfPrecisionSafetensors() throws {
        let example = try example(1, view: 2)
        _ = try growing().store(answer(on: example), for: example)
        let path = try #require(try files().first)
        let file = try SafetensorsFile(path, in: disk)
        #expect(file.names == ["logits", "features.dec0", "features.enc1"])
        #expect(try file.names.allSatisfy { try file.type($0) == .float16 })
        #expect(try file.shape("logits") == [example.voxels.count, run.student.classes])
        #expect(file.metadata["sample"] == example.name && file.metadata["view"] == "2")
        #expect(file.metadata["teacher"] == SHA256(of: "a teacher").hex)
        #expect(path.hasSuffix("/\(file.metadata["address"]!).safetensors"))
    }

    @Test func entriesBelongToTheExactTeacherInputs() throws {
        let (pack, example) = (try growing(), try example())
        _ = try pack.store(answer(on: example), for: example)
        func isKnown(_ example: Example, _ query: TeacherQuery? = nil) throws -> Bool {
            try pack.outputs(for: example, query ?? self.query) != nil
        }
        #expect(try isKnown(example))
        #expect(try isKnown(self.example()), "the same scene read again")
        #expect(try !isKnown(self.example(1)) && !isKnown(self.example(0, view: 1)))
        #expect(try !isKnown(example, TeacherQuery(taps: [.decoder(0)])))
        // A scan that has changed on disk by one bit of one feature, or one label.
        #expect(try isKnown(example.changed { $0.labels[0] = 0 }))
        #expect(
            try !isKnown(
                example.changed {
                    let intensity = $0.channels.firstIndex { $0.name == "intensity" }!
                    $0.channels[intensity].values[7] = $0.channels[intensity].values[7].nextUp
                }))
        // Another teacher's pack of the same scene.
        let other = try KnowledgePack(
            growing: "other", run.description(teacher: "another"), limit: nil, in: disk
        ) { _ in }
        #expect(try other.outputs(for: example, query) == nil)
    }

    @Test func packStaysWithinItsLimit() throws {
        let example = try example()
        let answer = try answer(on: example)
        _ = try growing().store(answer, for: example)
        let size = try #require(try disk.status(of: files()[0])).size
        let pack = try growing(limit: 4 * size)
        for view in 0..<3 {
            for sample in 0..<3 {
                let example = try self.example(sample, view: view)
                _ = try pack.store(self.answer(on: example), for: example)
                let sizes = try files().map { try #require(try disk.status(of: $0)).size }
                #expect(sizes.reduce(0, +) <= 4 * size)
                #expect(try pack.outputs(for: example, query) != nil)
            }
        }
    }

    @Test func packThatCannotBeCreatedIsNotedAndStillUsed() throws {
        disk.freeBytes = 10
        let (pack, example) = (try growing(), try example())
        #expect(notes.all.count == 1)
        let answer = try answer(on: example)
        let kept = try pack.store(answer, for: example)
        #expect(try pack.outputs(for: example, query) == nil)
        disk.freeBytes = nil
        try expectSame(pack.store(answer, for: example), kept)
        #expect(try pack.outputs(for: example, query) != nil)
    }

    @Test func unwritableEntryIsNotedAndStillUsed() throws {
        let (pack, example) = (try growing(), try example())
        let answer = try answer(on: example)
        disk.freeBytes = 100
        let kept = try pack.store(answer, for: example)
        try expectSame(pack.store(answer, for: example), kept)
        #expect(notes.all.count == 1, "a full disk is noted once")
        #expect(notes.all[0].contains("finds no room; outputs are not stored"))
        disk.freeBytes = nil
        try expectSame(pack.store(answer, for: example), kept)
        #expect(try files().count == 1, "and nothing unfinished beside it")
        disk.freeBytes = 100
        _ = try pack.store(try self.answer(on: self.example(1)), for: self.example(1))
        #expect(notes.all.count == 2, "another shortage is noted again")
    }

    // MARK: - Damage

    @Test(arguments: [0, 9, 40, 200, 700, -1])
    func damagedEntryIsNamedAndComputedAgain(byte: Int) throws {
        let (pack, example) = (try growing(), try example())
        let kept = try pack.store(answer(on: example), for: example)
        let path = try #require(try files().first)
        try disk.alter(path) { bytes in
            if byte < 0 { bytes.removeLast(9) } else { bytes[byte] ^= 4 }
        }
        let error = #expect(throws: KnowledgeError.self) {
            _ = try complete().outputs(for: example, query)
        }
        let sentence = error?.description ?? ""
        #expect(sentence.contains(path) && sentence.contains("denju teach RECIPE --pack pack"))
        #expect(!sentence.dropLast().contains(". "), "\(sentence)")

        #expect(try pack.outputs(for: example, query) == nil)
        #expect(notes.all.count == 1)
        #expect(notes.all[0].contains(path) && notes.all[0].contains("computed again"))
        #expect(try files().isEmpty)
        #expect(try pack.outputs(for: example, query) == nil)
        #expect(notes.all.count == 1, "once")
        try expectSame(pack.store(answer(on: example), for: example), kept)
        try expectSame(complete().outputs(for: example, query), kept)
    }

    @Test func entryUnderAnotherNameCountsAsDamaged() throws {
        let pack = try growing()
        let (one, other) = (try example(0), try example(1))
        _ = try pack.store(answer(on: one), for: one)
        let first = try #require(try files().first)
        _ = try pack.store(answer(on: other), for: other)
        let second = try #require(try files().first { $0 != first })
        let bytes = try disk.contents(of: first, limit: 1 << 20)
        try disk.alter(second) { $0 = bytes }
        #expect(try pack.outputs(for: other, query) == nil)
        #expect(notes.all.count == 1 && notes.all[0].contains("another address"))
        #expect(try pack.outputs(for: one, query) != nil)
    }

    @Test func missingEntryOfACompletePackIsNamed() throws {
        _ = try growing()
        let example = try example(2, view: 1)
        let error = #expect(throws: KnowledgeError.self) {
            _ = try complete().outputs(for: example, query)
        }
        let sentence = error?.description ?? ""
        for part in ["view 1", example.name, "denju teach RECIPE --pack pack", "knowledge: auto"] {
            #expect(sentence.contains(part), "\(sentence)")
        }
    }

    // MARK: - Whose it is

    private func sentence(_ body: () throws -> Void) -> String {
        #expect(throws: KnowledgeError.self) { try body() }?.description ?? ""
    }

    @Test func entriesOfAnotherOriginAreRefused() throws {
        _ = try growing()
        func begin(_ description: PackDescription) throws {
            _ = try KnowledgePack(growing: "pack", description, limit: nil, in: disk) { _ in }
        }
        try begin(run.description())
        #expect(
            sentence { try begin(run.description(teacher: "another")) }.contains("another teacher"))
        #expect(
            sentence { try begin(run.description(canary: "4567")) }
                .contains("fused multiply-add"))
        #expect(sentence { try begin(run.description(tool: "2")) }.contains("denju 2"))
    }

    @Test func runRequiresThePackItBeganWith() throws {
        func open(_ digest: SHA256?, classes: Int? = nil) throws {
            _ = try KnowledgePack(
                complete: "pack", classes: classes ?? run.student.classes, digest: digest, in: disk)
        }
        #expect(sentence { try open(nil) }.contains("no knowledge pack at pack"))
        _ = try growing()
        let description = try run.description()
        try open(nil)
        try open(description.origin.digest)
        #expect(
            sentence { try open(run.description(canary: "4567").origin.digest) }
                .contains("differs from the run's"))
        #expect(sentence { try open(nil, classes: 5) }.contains("5"))
        try disk.alter("pack/pack.json") { $0.removeLast(5) }
        #expect(sentence { try open(nil) }.contains("pack/pack.json"))
    }
}

extension Example {
    /// The same voxels with something in their cloud changed.
    fileprivate func changed(_ change: (inout Cloud) -> Void) throws -> Example {
        var voxels = voxels
        change(&voxels.cloud)
        return try Example(
            sampleID: sampleID, name: name, view: view, voxels: voxels,
            features: PointClouds.features(of: voxels.cloud, ["position", "intensity"]))
    }
}
