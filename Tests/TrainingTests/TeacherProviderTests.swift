import CheckpointTesting
import Checkpoints
import Distillation
import Files
import Networks
import PointClouds
import Tensors
import Testing
import Training

/// The bits of a step do not depend on what a knowledge pack held before.
@Suite struct TeachingTests {
    private static let splits = ShardComputationTests.splits
    private let disk = SimulatedDisk()

    private func growing(views: Int = 2) throws -> TinyRun {
        let plain = try TinyRun(more: "views: {count: \(views)}")
        return try TinyRun(more: "views: {count: \(views)}") { teacher in
            TeacherProvider(
                growing: try KnowledgePack(
                    growing: "pack", plain.description(), limit: nil, in: disk
                ) { _ in },
                teacher: { teacher })
        }
    }

    private func complete(views: Int = 2) throws -> TinyRun {
        try TinyRun(more: "views: {count: \(views)}") { teacher in
            TeacherProvider(
                complete: try KnowledgePack(
                    complete: "pack", classes: teacher.network.classes, in: disk))
        }
    }

    private func entries() throws -> Int {
        try EntryStore("pack/entries", in: disk).entries().count
    }

    @Test(arguments: splits)
    func coldWarmAndCompletePacksYieldTheSameRun(shards: [Range<Int>]) throws {
        let run = try growing()
        let learner = run.learner
        let cold = try run.step(of: learner, shards: shards)
        #expect(try entries() == 4)
        let warm = try growing().step(of: learner, shards: shards, threads: 2)
        #expect(cold.isBitIdentical(to: warm))
        let packed = try complete().step(of: learner, shards: shards)
        #expect(cold.isBitIdentical(to: packed))
        // One entry of four gone: three are read, one is computed.
        let store = EntryStore("pack/entries", in: disk)
        try store.remove(store.entries()[1].address)
        let mixed = try growing().step(of: learner, shards: shards)
        #expect(cold.isBitIdentical(to: mixed))
        #expect(try entries() == 4)
    }

    /// The strong view is asked about like another cloud, once.
    @Test func strongViewsAreStoredToo() throws {
        let plain = try TinyRun(more: "views: {count: 2}")
        func run(complete: Bool) throws -> TinyRun {
            try TinyRun(more: "views: {count: 2}", sum: WeightedSum(StrongTargets())) { teacher in
                complete
                    ? TeacherProvider(
                        complete: try KnowledgePack(
                            complete: "pack", classes: teacher.network.classes, in: disk))
                    : TeacherProvider(
                        growing: try KnowledgePack(
                            growing: "pack", plain.description(), limit: nil, in: disk
                        ) { _ in },
                        teacher: { teacher })
            }
        }
        let growing = try run(complete: false)
        let cold = try growing.step(of: growing.learner, shards: [0..<2, 2..<4])
        #expect(try entries() == 8)
        let packed = try run(complete: true).step(of: growing.learner, shards: [0..<2, 2..<4])
        #expect(packed.isBitIdentical(to: cold))
    }

    @Test func entryDoesNotDependOnOtherCloudsOfTheMicroShard() throws {
        _ = try growing().step(of: growing().learner, shards: [0..<4])
        let together = try disk.files(below: "pack/entries")
        try disk.removeTree("pack")
        _ = try growing().step(
            of: growing().learner, shards: [0..<1, 1..<2, 2..<3, 3..<4])
        let alone = try disk.files(below: "pack/entries")
        #expect(together.count == 4 && together == alone)
    }

    @Test func teacherIsNotOpenedForStoredOutputs() throws {
        struct Opened: Error {}
        let run = try growing()
        let learner = run.learner
        let cold = try run.step(of: learner, shards: [0..<2])
        let warm = try TinyRun(more: "views: {count: 2}") { _ in
            TeacherProvider(
                growing: try KnowledgePack(
                    growing: "pack", run.description(), limit: nil, in: disk
                ) { _ in },
                teacher: { throw Opened() })
        }
        #expect(try warm.step(of: learner, shards: [0..<2]).isBitIdentical(to: cold))
        #expect(throws: Opened.self) { try warm.step(of: learner, shards: [2..<4]) }
    }

    @Test func outputsReadAheadAreTheSame() throws {
        let run = try growing()
        let example = try run.loader.example(of: 0, step: 0)
        let provider = try #require(run.context.provider)
        #expect(try provider.attachingStoredOutputs(to: example).teacherOutputs == nil)
        _ = try run.step(of: run.learner, shards: [0..<1])
        let ahead = try #require(try provider.attachingStoredOutputs(to: example).teacherOutputs)
        #expect(ahead.logits.rows == example.voxels.count)
        // A live teacher has nothing to read.
        let live = try TinyRun(more: "views: {count: 2}")
        #expect(
            try live.context.provider?.attachingStoredOutputs(to: example).teacherOutputs == nil)
    }

    /// Strong views, a coarser tap and auxiliary heads are kept like everything else.
    @Test func packStoresEverythingObjectivesRead() throws {
        let views = "views: {count: 2}"
        let plain = try TinyRun.everythingAtOnce(more: views)
        func growing() throws -> TinyRun {
            try TinyRun.everythingAtOnce(more: views) { teacher in
                TeacherProvider(
                    growing: try KnowledgePack(
                        growing: "pack", plain.description(heads: teacher.heads?.places),
                        limit: nil, in: disk
                    ) { _ in },
                    teacher: { teacher })
            }
        }
        let complete = try TinyRun.everythingAtOnce(more: views) { teacher in
            _ = try growing()
            return TeacherProvider(
                complete: try KnowledgePack(
                    complete: "pack", classes: teacher.network.classes, in: disk))
        }
        let run = try growing()
        #expect(complete.context.provider?.query == run.context.provider?.query)
        #expect(run.context.provider?.query.heads == [.encoder(1)])
        let learner = run.learner
        let cold = try run.step(of: learner, shards: [0..<2, 2..<4])
        #expect(try entries() == 8, "two views of each of four clouds")
        let path = try #require(try EntryStore("pack/entries", in: disk).entries().first?.path)
        let file = try SafetensorsFile(path, in: disk)
        #expect(file.names == ["logits", "features.dec0", "features.enc1", "auxiliary.enc1"])
        #expect(try complete.step(of: learner, shards: [0..<2, 2..<4]).isBitIdentical(to: cold))
        // Read ahead, the strong view's answers are there as well: nothing is left to be looked up.
        let provider = try #require(complete.context.provider)
        let ahead = try (0..<4).map {
            try provider.attachingStoredOutputs(to: complete.loader.example(of: $0, step: 0))
        }
        try disk.removeTree("pack/entries")
        let shown = try #require(ahead[0].teacherExamples.last)
        #expect(
            ahead[0].teacherExamples.count == 2 && shown.teacherOutputs?.auxiliaryTaps.count == 1)
        #expect(throws: KnowledgeError.self) {
            try provider.attachingStoredOutputs(to: complete.loader.example(of: 0, step: 0))
        }
    }

    @Test func packIsCloseToTheLiveTeacher() throws {
        let run = try growing()
        let learner = run.learner
        let packed = try run.step(of: learner, shards: [0..<2, 2..<4])
        let live = try TinyRun(more: "views: {count: 2}").step(
            of: learner, shards: [0..<2, 2..<4])
        #expect(!packed.isBitIdentical(to: live))
        for (a, b) in zip(packed.report.values, live.report.values) {
            #expect(abs(a - b) <= 2e-3 * abs(b), "\(a) \(b)")
        }
    }
}

/// The teacher's scores of the strong view as targets for the student's.
private struct StrongTargets: Objective {
    static let name = "test.strong-targets"
    var needs: Needs { [.strongView, .teacherLogits] }
    var description: String { "StrongTargets()" }
    var exchanges: Bool { false }
    func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        let gap = input.strong!.student.logits - input.strong!.teacher!.logits
        return (gap * gap).sum()
    }
}
