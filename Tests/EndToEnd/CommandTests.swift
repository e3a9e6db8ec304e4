import Foundation
import Testing

/// The commands for models, checkpoints, scenes and objectives.
@Suite struct CommandTests {
    private let fixture: SharedFixture
    private let folder: Folder
    private let run: String

    init() throws {
        fixture = try SharedFixture.open()
        folder = try Folder()
        run = fixture.folder("run")
    }

    private func output(
        _ arguments: String..., under environment: [String: String] = [:]
    ) throws -> String {
        let outcome = try Denju.run(arguments, in: folder, under: environment)
        #expect(outcome.status == 0, "\(outcome.errors)")
        return outcome.output
    }

    private func header(of file: String) throws -> (lines: [String], bytes: Int) {
        let bytes = try folder.bytes(file)
        let end = Array("end_header\n".utf8)
        let start = try #require(bytes.indices.first { bytes[$0...].starts(with: end) })
        let text = String(decoding: bytes[..<start], as: UTF8.self)
        return (text.split(separator: "\n").map(String.init), bytes.count - start - end.count)
    }

    @Test func evaluateReportsMetricsOfModels() throws {
        struct Row: Decodable {
            let model: String
            let parameters: Int
            let miou: Double
            let macc: Double
            let allacc: Double
            let secondsAScan: Double
            let scans: Int
        }
        let teacher = fixture.folder("teacher")
        let text = try output("evaluate", run, teacher, "--json")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let rows = try text.split(separator: "\n").map {
            try decoder.decode(Row.self, from: Data($0.utf8))
        }
        #expect(rows.map(\.model) == [run, teacher])
        #expect(rows[0].parameters < rows[1].parameters)
        for row in rows {
            #expect((0...1).contains(row.miou))
            #expect((0...1).contains(row.macc))
            #expect(row.allacc > 0 && row.allacc <= 1)
            #expect(row.secondsAScan > 0)
            #expect(row.scans == 2)
        }
        let table = try output("evaluate", run, "--scenes", "1", "--exclude", "car")
        for word in ["mIoU", "mAcc", "allAcc", "s/scan", "road", "car (not scored)"] {
            #expect(table.contains(word))
        }
        expectOneSentence(
            try Denju.run(["evaluate", run, "--exclude", "tram"], in: folder),
            saying: ["'tram'", "car"])
        expectOneSentence(
            try Denju.run(["evaluate", run, "--data", "streets"], in: folder),
            saying: [run, "19 classes", "17"])
    }

    @Test func predictLabelsEveryPoint() throws {
        #expect(try output("predict", run, "--output", "out").contains("2 scans labelled"))
        for scan in ["000000", "000001"].map({ "out/sequences/08/predictions/" + $0 }) {
            #expect(try folder.bytes(scan + ".label").count == 4 * Scans.points)
            let (lines, bytes) = try header(of: scan + ".ply")
            #expect(lines.first == "ply")
            #expect(lines.contains("element vertex \(Scans.points)"))
            #expect(bytes.isMultiple(of: Scans.points) && bytes > 0)
        }
        let file = fixture.folder("scans/sequences/00/velodyne/000004.bin")
        _ = try output("predict", run, "--output", "named", file)
        #expect(try folder.names(in: "named") == ["000004.label", "000004.ply"])
        // Labels do not depend on the number of threads.
        _ = try output("predict", run, "--output", "again", file, "--threads", "2")
        #expect(try folder.bytes("named/000004.label") == folder.bytes("again/000004.label"))
    }

    @Test func inspectShowsStateTensorsAndHashes() throws {
        let text = try output("inspect", run, "--recipe")
        for part in ["step-00000030", "step 30", "pass", "best mIoU", "SHA-256", "relation.dense"] {
            #expect(text.contains(part), "\(part)")
        }
        // Every tensor is followed by sixteen digits of its hash.
        let tensors = text.split(separator: "\n").filter { $0.contains(".weight") }
        #expect(tensors.count > 20)
        #expect(tensors.allSatisfy { $0.firstMatch(of: /[0-9a-f]{16}/) != nil })
        let verdict = try output("verify", run)
        #expect(verdict.contains("step-00000030"))
        #expect(verdict.contains("all good"))
        #expect(fixture.digest.wholeMatch(of: /[0-9a-f]{64}/) != nil)
    }

    @Test func scenesAreGeneratedAndSummarised() throws {
        let text = try output(
            "scenes", "streets", "--count", "2", "--option", "beams=8", "--option",
            "azimuth-steps=64", "--output", "scenes", "--seed", "5")
        #expect(text.contains("road"))
        let files = try folder.names(in: "scenes/5/training")
        #expect(files == ["000000.ply", "000001.ply"])
        let (lines, bytes) = try header(of: "scenes/5/training/000000.ply")
        let declaration = try #require(lines.first { $0.hasPrefix("element vertex ") })
        let points = try #require(Int(declaration.dropFirst("element vertex ".count)))
        #expect(points > 100 && points <= 8 * 64)
        #expect(bytes.isMultiple(of: points))
        let scans = try output(
            "scenes", "semantickitti", "--path", fixture.folder("scans"), "--split", "validation",
            "--count", "2")
        #expect(scans.contains("car"))
    }

    @Test func objectivesAreListedWithSettings() throws {
        let all = try output("objectives")
        for name in [
            "task.cross-entropy", "task.lovasz", "semantic.soft-targets", "relation.dense",
            "relation.cross-sample", "preset: srkd-paper",
            "CrossEntropy() + SoftTargets(temperature: 1) + 2.0 * FeatureProjector(exponent: 4)",
        ] {
            #expect(all.contains(name), "\(name)")
        }
        let one = try output("objectives", "semantic.soft-targets")
        #expect(one.contains("temperature"))
        #expect(!one.contains("relation.dense"))
        #expect(!one.contains("preset"))
        #expect(try output("objectives", "srkd").hasPrefix("preset: srkd\n"))
    }

    @Test func doctorReportsNumericsAndLibraries() throws {
        let text = try output("doctor")
        for word in ["OpenBLAS core", "canary", "ZeroMQ", "CURVE yes", "GFLOP/s"] {
            #expect(text.contains(word))
        }
    }

    @Test("the canary is the same whichever core OpenBLAS selects")
    func canaryDoesNotDependOnOpenBLAS() throws {
        func canary(_ core: String) throws -> Substring? {
            try output("doctor", under: ["OPENBLAS_CORETYPE": core])
                .split(separator: "\n").first { $0.hasPrefix("canary") }
        }
        let one = try #require(try canary("Haswell"))
        #expect(try canary("Sandybridge") == one)
        #expect(try canary("Prescott") == one)
    }
}
