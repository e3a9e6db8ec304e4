import Foundation
import FoundationNetworking
import Testing

/// The live page, the status and the trace of a running run.
@Suite struct MonitoringTests {
    private let fixture: SharedFixture
    private let folder: Folder

    init() throws {
        fixture = try SharedFixture.open()
        folder = try Folder()
    }

    private struct Line: Decodable {
        let step: Int
        let seconds: Double
        let coordinator: [String: Double]
        let unattributed: Double
        let weightsDigest: String?
    }

    @Test func monitorStatusAndTraceShowRunningRun() throws {
        try folder.write(fixture.alone(steps: 100_000).yaml, to: "recipe.yaml")
        let cluster = try Cluster(in: folder, "--monitor", "0", "--tensorboard")
        try cluster.join()
        try folder.waitForStep(3)
        let address = try folder.text("run/monitor").trimmingCharacters(in: .newlines)
        func page(_ path: String) throws -> String {
            String(decoding: try Data(contentsOf: URL(string: address + path)!), as: UTF8.self)
        }
        #expect(try page("").contains("<title>run · live</title>"))
        #expect(try page("readyz").contains("100000 is complete"))
        #expect(try page("healthz").contains("is running"))
        try wait("the worker among the figures") {
            try page("metrics").contains("denju_worker_up{worker=")
        }
        #expect(try page("metrics").contains("\ndenju_steps_total "))
        let live = try page("live")
        #expect(live.contains("Timeline"))
        #expect(live.contains("/w1</td>"))
        #expect(try page("trace.json").contains("\"student\""))

        let status = try Denju.run(["status", "--connect", "file:run/address"], in: folder)
        #expect(status.status == 0, "\(status.errors)")
        #expect(status.output.hasPrefix("training, step "))
        #expect(status.output.contains("task.cross-entropy"))
        #expect(status.output.contains("/w1"))
        let json = try Denju.run(
            ["status", "--connect", cluster.address, "--json"], in: folder
        ).output
        #expect(json.contains("\"stage\":\"training\""))

        // The trace comes from the running coordinator, and from the folder afterwards.
        func trace(_ arguments: String...) throws -> String {
            let outcome = try Denju.run(["trace"] + arguments, in: folder)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output.contains("2 steps"), "\(outcome.output)")
            return try folder.text("trace.json")
        }
        let running = try trace("run", "--steps", "2")
        #expect(running.contains("\"student\"") && running.contains("/w1\""))
        #expect(try trace("--connect", cluster.address, "--steps", "2").contains("\"student\""))

        cluster.coordinator.kill(SIGTERM)
        _ = try cluster.outcome()
        #expect(try trace("run", "--steps", "2").contains("\"student\""))
        #expect(!folder.has("run/monitor"))
        #expect(folder.has("run/trace.json"))
        #expect(try folder.names(in: "run/tensorboard").count == 1)
        let lines = try folder.text("run/steps.jsonl").split(separator: "\n").map {
            try JSONDecoder().decode(Line.self, from: Data($0.utf8))
        }
        // The coordinator's phases sum to the duration of the steps.
        let seconds = lines.reduce(0) { $0 + $1.seconds }
        let attributed = lines.reduce(0) { $0 + $1.coordinator.values.reduce(0, +) }
        let unattributed = lines.reduce(0) { $0 + $1.unattributed }
        #expect(abs(seconds - attributed - unattributed) < 1e-6 * seconds)
        // A busy machine suspends the coordinator between two phases of a step, but hardly of every one.
        let shares = lines.map { $0.unattributed / $0.seconds }.sorted()
        #expect(shares[shares.count / 2] < 0.02, "\(shares)")
        #expect(attributed <= seconds * 1.000_001)
        // Checkpoints are written every second step.
        #expect(
            lines.allSatisfy { ($0.weightsDigest != nil) == $0.step.isMultiple(of: 2) })
        #expect(
            Set(lines.compactMap(\.weightsDigest)).count == lines.compactMap(\.weightsDigest).count)
        expectOneSentence(
            try Denju.run(
                ["status", "--connect", cluster.address, "--patience", "0.3"], in: folder),
            saying: [cluster.address])
    }

    @Test func mistakesAreOneSentence() throws {
        try folder.write(fixture.alone(steps: 2).yaml, to: "recipe.yaml")
        for place in ["here", "1.2.3.4.5:80", "127.0.0.1:99999", "::1:80", "[::1]", "[::1:80"] {
            let outcome = try Denju.run(
                ["train", "--recipe", "recipe.yaml", "--run", "run", "--monitor", place], in: folder
            )
            expectOneSentence(outcome, saying: ["--monitor"])
        }
        #expect(!folder.has("run/checkpoints"))
        for (arguments, word) in [
            (["run"], "run"), ([], "--connect"), (["run", "--steps", "21"], "--steps"),
        ] {
            expectOneSentence(
                try Denju.run(["trace"] + arguments, in: folder), saying: [word])
        }
        #expect(!folder.has("trace.json"))
    }
}
