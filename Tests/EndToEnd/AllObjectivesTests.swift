import Foundation
import Testing

/// All objectives in one run: a teacher with auxiliary heads, two views, quarter turns and a moving
/// average.
@Suite struct AllObjectivesTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    /// The catalogue's objectives, each with a small weight.
    private func objectives() throws -> [String] {
        let settings = [
            "semantic.soft-targets": "fade: {to: 0.05, start: 5, steps: 20}",
            "relation.cross-sample": "anchors: 32",
            "relation.super-voxel": "points: 32",
            "feature.projector": "ramp: 10",
            "view.cross": "threshold-weak: 0.1, threshold-strong: 0.08, mask: view",
            "layered.student": "start: 4",
            "layered.self": "target: average",
        ]
        let listed = try Denju.run(["objectives"], in: folder)
        #expect(listed.status == 0)
        let names = listed.output.split(separator: "\n").map(String.init).filter {
            $0.contains(".") && !$0.contains(" ")
        }
        #expect(settings.keys.allSatisfy(names.contains))
        return names.map { name in
            let more = settings[name].map { ", \($0)" } ?? ""
            return "\(name): {weight: \(name == "task.cross-entropy" ? 1 : 0.1)\(more)}"
        }
    }

    /// Trains a teacher, first its network and then its auxiliary heads with the network frozen, and
    /// writes `recipe.yaml`.
    private func prepare(_ data: String) throws {
        var teacher = TinyRecipe(steps: 2, data: data, channels: [16, 32])
        var student = TinyRecipe(
            steps: 50, data: data, teacher: "teacher", objectives: try objectives(),
            rest: "average: 0.9\ncheckpoints: {every: 6}")
        (teacher.points, teacher.batch) = (120, 3)
        (student.points, student.batch) = (120, 3)
        try folder.write(teacher.yaml, to: "backbone.yaml")
        try folder.train("backbone.yaml", "backbone", "--workers", "1")
        teacher.objectives = ["layered.heads"]
        let yaml = teacher.yaml
        let network = try #require(yaml.firstRange(of: "student:"))
        let end = try #require(yaml.firstRange(of: "# no teacher"))
        try folder.write(
            yaml[..<network.lowerBound] + "student: {model: backbone}\ntrain: heads\n"
                + yaml[end.lowerBound...], to: "teacher.yaml")
        try folder.train("teacher.yaml", "teacher", "--workers", "2")
        let file = "/model-00001-of-00001.safetensors"
        #expect(
            try folder.bytes(newest(of: "teacher") + file)
                == folder.bytes(newest(of: "backbone") + file), "the network is frozen")
        try folder.write(student.yaml, to: "recipe.yaml")
    }

    private func expectEveryTerm(of run: String) throws {
        struct Line: Decodable {
            let weights: [String: Double]
            let gradientNorms: [String: Double]
            let metrics: [String: Double]?
        }
        let lines = try folder.text(run + "/steps.jsonl").split(separator: "\n").map {
            try JSONDecoder().decode(Line.self, from: Data($0.utf8))
        }
        #expect(lines.count == 50)
        let names = try objectives().compactMap { $0.split(separator: ":").first.map(String.init) }
        for line in lines { #expect(line.weights.keys.sorted() == names.sorted()) }
        for name in names {
            #expect(lines.contains { $0.gradientNorms[name] ?? 0 > 0 }, "\(name)")
        }
        #expect(lines[0].weights["layered.student"] == 0)
        #expect(lines[49].weights["layered.student"] == 0.1)
        #expect(lines[49].weights["semantic.soft-targets"] == 0.05)
        let metrics = Set(lines.flatMap { ($0.metrics ?? [:]).keys })
        for metric in [
            "view.cross.kept-weak", "view.cross.kept-strong", "feature.projector.effective-rank",
            "feature.projector.smallest-singular-value", "layered.heads.joint-accuracy-enc1",
            "layered.student.joint-accuracy-dec0", "layered.self.joint-accuracy-enc0",
        ] {
            #expect(metrics.contains(metric), "\(metric) is not among \(metrics.sorted())")
        }
    }

    @Test func digestIsEqualWithTwoWorkersAndKilledCoordinator() throws {
        try prepare(TinyRecipe.streets)
        let alone = try folder.train("recipe.yaml", "one", "--workers", "1")
        #expect(alone.errors.contains("compressed "))
        try expectEveryTerm(of: "one")
        let cluster = try Cluster(in: folder, minimumWorkers: 2)
        let workers = try [cluster.join(), cluster.join()]
        try folder.waitForStep(20)
        try cluster.killCoordinatorAndResume()
        let outcome = try cluster.outcome()
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("resuming from"))
        for worker in workers { #expect(try worker.outcome().status == 0) }
        #expect(try folder.digest(of: "run") == folder.digest(of: "one"))
        try expectStudentWithoutHeads(in: "run")
    }

    /// Expects files without heads and projectors: equal to those of a student without them except
    /// for the values.
    private func expectStudentWithoutHeads(in run: String) throws {
        let text = try folder.text("recipe.yaml")
        let objectives = try #require(text.firstRange(of: "objectives:"))
        let end = try #require(text.firstRange(of: "\nsteps:"))
        try folder.write(
            text[..<objectives.lowerBound] + "objectives: [task.cross-entropy]\n"
                + text[end.lowerBound...], to: "bare.yaml")
        try folder.train("bare.yaml", "bare", "--workers", "1", "--steps", "2")
        let (trained, bare) = (try newest(of: run), try newest(of: "bare"))
        for group in ["model", "average"] {
            let name = "/\(group)-00001-of-00001.safetensors"
            let (one, other) = (try folder.bytes(trained + name), try folder.bytes(bare + name))
            #expect(one.count == other.count)
            #expect(try header(one) == header(other))
            #expect(!(try header(one)).contains("objectives"))
            let index = "/\(group).safetensors.index.json"
            #expect(try folder.bytes(trained + index) == folder.bytes(bare + index))
        }
        #expect(folder.has(trained + "/objectives-00001-of-00001.safetensors"))
        #expect(!folder.has(bare + "/objectives-00001-of-00001.safetensors"))
        for model in [run, "bare"] {
            let outcome = try Denju.run(
                ["export", model, "--output", model + ".safetensors"], in: folder)
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        let (one, other) = (
            try folder.bytes(run + ".safetensors"), try folder.bytes("bare.safetensors")
        )
        #expect(one.count == other.count && one != other)
        #expect(try header(one) == header(other))
        // Equal names and shapes mean equal products and equal cost.
        struct Row: Decodable { let parameters: Int }
        let rows = try Denju.run(["evaluate", run, "bare", "--json"], in: folder).output
            .split(separator: "\n").map {
                try JSONDecoder().decode(Row.self, from: Data($0.utf8)).parameters
            }
        #expect(rows.count == 2 && rows[0] == rows[1])
    }

    private func newest(of run: String) throws -> String {
        let name = try folder.names(in: run + "/checkpoints").last { $0.hasPrefix("step-") }
        return "\(run)/checkpoints/\(try #require(name))"
    }

    /// The header of a safetensors file: names, types, shapes and offsets.
    private func header(_ file: [UInt8]) throws -> String {
        let count = file.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        try #require(file.count > 8 + count)
        return String(decoding: file[8..<8 + count], as: UTF8.self)
    }

    @Test(.enabled(if: RealScans.exist, "no SemanticKITTI scans beside the checkout"))
    func digestIsEqualOnRealScans() throws {
        try RealScans.thinned(to: "scans", in: folder)
        try prepare(TinyRecipe.scans(at: folder("scans")))
        try folder.train("recipe.yaml", "one", "--workers", "1")
        try expectEveryTerm(of: "one")
        try folder.train("recipe.yaml", "two", "--workers", "2", "--stop-after", "23")
        try folder.train("recipe.yaml", "two", "--workers", "2", "--resume")
        #expect(try folder.digest(of: "two") == folder.digest(of: "one"))
    }
}

/// The SemanticKITTI scans beside the checkout.
private enum RealScans {
    private static let sequences: String = {
        let package = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        return "/\(package)/shared/data/semantickitti/dataset/sequences"
    }()
    static var exist: Bool { FileManager.default.fileExists(atPath: sequences) }

    /// Copies every fortieth point of four training scans and one validation scan.
    static func thinned(to name: String, in folder: Folder) throws {
        for (sequence, frames) in [("00", [0, 3, 6, 9]), ("08", [0])] {
            for frame in frames {
                for (kind, ending, size) in [("velodyne", "bin", 16), ("labels", "label", 4)] {
                    let file = String(format: "\(sequence)/\(kind)/%06d.\(ending)", frame)
                    let all = [UInt8](
                        try Data(contentsOf: URL(filePath: "\(sequences)/\(file)")))
                    let kept = stride(from: 0, to: all.count, by: 40 * size).flatMap {
                        all[$0..<$0 + size]
                    }
                    try folder.write(kept, to: "\(name)/sequences/\(file)")
                }
            }
        }
    }
}
