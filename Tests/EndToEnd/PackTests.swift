import Checkpoints
import Foundation
import Testing

/// Knowledge packs on the command line.
@Suite struct PackTests {
    private let fixture: SharedFixture
    private let folder: Folder

    init() throws {
        fixture = try SharedFixture.open()
        folder = try Folder()
    }

    /// Writes a recipe of six distillation steps over two views of each of thirteen scans.
    private func write(_ teaching: String, views: String = "{name: weak, count: 2}") throws {
        var recipe = fixture.distillation
        recipe.steps = 6
        recipe.teaching = teaching
        recipe.rest = "views: \(views)"
        try folder.write(recipe.yaml, to: "recipe.yaml")
    }

    private var model: String { "model: \(fixture.folder("teacher"))" }

    private func teach(_ more: String...) throws -> Command.Outcome {
        try Denju.run(["teach", "recipe.yaml"] + more, in: folder)
    }

    private func entries(of pack: String = "pack") throws -> [String] {
        try folder.names(in: pack + "/entries").flatMap { part in
            try folder.names(in: "\(pack)/entries/\(part)").map { "\(pack)/entries/\(part)/\($0)" }
        }
    }

    private func train(_ run: String, _ more: String...) throws -> Command.Outcome {
        try Denju.run(
            ["train", "--recipe", "recipe.yaml", "--run", run, "--cache", folder("cache")] + more,
            in: folder)
    }

    /// Trains successfully and returns the digest.
    private func digest(_ run: String, workers: Int) throws -> String {
        let outcome = try train(run, "--workers", "\(workers)")
        #expect(outcome.status == 0, "\(outcome.errors)")
        return try folder.digest(of: run)
    }

    /// The output of all workers.
    private func logs(of run: String) throws -> String {
        try folder.names(in: run).filter { $0.hasPrefix("worker-") }
            .map { try folder.text("\(run)/\($0)") }.joined()
    }

    @Test func digestIsEqualWithAndWithoutStoredKnowledge() throws {
        // An empty pack filled by two workers, a filled pack, and a pack built in advance.
        try write("{\(model), knowledge: auto, pack: grown}")
        let cold = try digest("cold", workers: 2)
        let grown = try entries(of: "grown")
        #expect(!grown.isEmpty && grown.count <= 26)
        #expect(try digest("warm", workers: 1) == cold)
        #expect(try entries(of: "grown") == grown)
        // Without a path, the pack is in the worker's cache.
        try write("{\(model), knowledge: auto}")
        #expect(try digest("cached", workers: 1) == cold)
        let caches = try folder.names(in: "cache").filter { $0.hasPrefix("knowledge-") }
        #expect(caches.count == 1)
        #expect(try entries(of: "cache/\(caches[0])").count == grown.count)

        #expect(try teach("--pack", "pack", "--threads", "2").status == 0)
        #expect(try entries().count == 26)
        for entry in grown {
            let name = entry.dropFirst("grown".count)
            #expect(try folder.bytes("pack" + name) == folder.bytes(entry), "the same file")
        }
        // On a machine without the teacher.
        try folder.remove("cache")
        try write("{knowledge: pack, pack: pack}")
        #expect(try digest("packed", workers: 1) == cold)
        #expect(try digest("packed-by-two", workers: 2) == cold)
        #expect(try !folder.has("cache") || folder.names(in: "cache").isEmpty)
        #expect(try !logs(of: "packed").contains("fetched the teacher"))

        // The live teacher gives other bits, since its outputs are not rounded to Float16.
        try write("{\(model)}")
        #expect(try digest("live", workers: 1) != cold)
    }

    @Test func interruptedPackContinuesAndCompletePackIsUnchanged() throws {
        try write("{\(model), knowledge: auto, pack: pack}")
        let made = try teach()
        #expect(made.status == 0, "\(made.errors)")
        for part in [
            "pack: 26 entries", "13 samples x 2 views", "26 computed, 0 already present",
            "difference from the live teacher", "KL", "% of the points",
        ] {
            #expect(made.output.contains(part), "\(made.output)")
        }
        struct Description: Decodable {
            struct Origin: Decodable { let classes: Int, teacher: String }
            struct Contents: Decodable { let samples: Int, entries: Int, split: String }
            let origin: Origin
            let contents: Contents
        }
        let description = try JSONDecoder().decode(
            Description.self, from: Data(try folder.bytes("pack/pack.json")))
        #expect(description.origin.classes == 19 && description.origin.teacher.count == 64)
        #expect(description.contents.samples == 13 && description.contents.entries == 26)
        let all = try entries()
        for entry in all.prefix(5) { try folder.remove(entry) }
        let bytes = try folder.bytes(all[7])
        let again = try teach("--threads", "1")
        #expect(again.output.contains("5 computed, 21 already present"), "\(again.output)")
        #expect(try entries() == all && folder.bytes(all[7]) == bytes)
        let verdict = try teach("--verify")
        #expect(verdict.status == 0, "\(verdict.errors)")
        #expect(verdict.output.contains("26 entries") && verdict.output.contains("all good"))
    }

    @Test func damagedPackIsReportedAndRepaired() throws {
        try write("{\(model), knowledge: auto, pack: pack}")
        #expect(try teach().status == 0)
        let untouched = try digest("untouched", workers: 1)
        let all = try entries()
        // One flipped bit, one truncated file, one missing file.
        var bytes = try folder.bytes(all[0])
        bytes[bytes.count / 2] ^= 1
        try folder.write(bytes, to: all[0])
        try folder.write(Array(try folder.bytes(all[1]).dropLast(100)), to: all[1])
        try folder.remove(all[2])

        let verdict = try teach("--verify")
        #expect(verdict.status == 2)
        #expect(verdict.errors.contains(all[0]) && verdict.errors.contains(all[1]))
        #expect(verdict.errors.contains("is missing"))
        #expect(verdict.errors.contains("denju teach recipe.yaml --pack pack"))

        // A run that repairs the pack reports each entry at most once and yields the same weights.
        #expect(try digest("mended", workers: 1) == untouched)
        let lines = try logs(of: "mended").split(separator: "\n")
        for entry in all.prefix(2) {
            #expect(lines.count { $0.contains(entry) } <= 1)
        }
        #expect(lines.contains { $0.contains("its outputs are computed again") })
        let mended = try teach()
        #expect(mended.status == 0)
        #expect(try entries() == all)
        #expect(try teach("--verify").status == 0)
        #expect(try folder.bytes(all[0]).count == bytes.count)
    }

    @Test func incompletePackEndsRunWithOneSentence() throws {
        try write("{knowledge: pack, pack: pack}")
        expectLastSentence(
            try train("run"), saying: ["no knowledge pack at pack", "denju teach RECIPE"])
        try write("{\(model), knowledge: auto, pack: pack}")
        #expect(try teach().status == 0)
        let all = try entries()
        for entry in all { try folder.remove(entry) }
        try write("{knowledge: pack, pack: pack}")
        expectLastSentence(
            try train("missing"),
            saying: ["has no entry for view", "of sample 00/0000", "denju teach RECIPE"])
        #expect(!folder.has("missing/checkpoints/latest"))
        // The error names the setting in which the views differ.
        try write("{knowledge: pack, pack: pack}", views: "{name: weak, count: 2, seed: 5}")
        expectLastSentence(
            try train("other"), saying: ["it was made with views.seed 0, not 5"])
        #expect(try teach("--verify").status == 2)
    }

    @Test func packRespectsLimit() throws {
        // An entry has about 15 kB, so that 26 entries exceed the limit.
        try write("{\(model), knowledge: auto, pack: pack, limit: 60 kB}")
        let refused = try teach()
        expectOneSentence(
            refused, saying: ["13 samples x 2 views", "60.0 kB", "raise teacher.limit"])
        #expect(!folder.has("pack"), "no pack was created")
        let bounded = try digest("bounded", workers: 2)
        let sizes = try entries().map { try folder.bytes($0).count }
        #expect(!sizes.isEmpty && sizes.reduce(0, +) <= 60_000, "\(sizes)")
        try write("{\(model), knowledge: auto, pack: roomy}")
        #expect(try digest("roomy-run", workers: 1) == bounded)
        #expect(try entries(of: "roomy").count > sizes.count)
    }

    @Test func invalidTeachOptionsAreOneSentence() throws {
        try write("{\(model)}", views: "weak")
        expectOneSentence(
            try teach("--pack", "pack"), saying: ["recipe.yaml", "{name: weak, count: 8}"])
        try write("{\(model)}")
        expectOneSentence(try teach(), saying: ["--pack FOLDER"])
        try write("{knowledge: pack, pack: pack}")
        expectOneSentence(try teach(), saying: ["add teacher.model"])
        try write("{\(model)}")
        expectOneSentence(
            try teach("--pack", "pack", "--verify"), saying: ["no knowledge pack at pack"])
        try folder.write("{}", to: "pack/pack.json")
        expectOneSentence(try teach("--pack", "pack"), saying: ["pack/pack.json"])
        var alone = fixture.alone(steps: 2)
        alone.rest = "views: {count: 2}"
        try folder.write(alone.yaml, to: "recipe.yaml")
        expectOneSentence(try teach("--pack", "p"), saying: ["names no teacher"])
    }
}
