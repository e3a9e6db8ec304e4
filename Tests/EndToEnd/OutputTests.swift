import Foundation
import Testing

/// Standard streams that cannot be written (`../shared/cases/stderr-cannot-be-written` and its kind),
/// terminals that close, and logs that cannot grow.
@Suite struct OutputTests {
    private let fixture: SharedFixture
    private let folder: Folder

    init() throws {
        fixture = try SharedFixture.open()
        folder = try Folder()
        try folder.write(fixture.alone(steps: 4).yaml, to: "recipe.yaml")
    }

    /// The statuses that a script prints, one per line.
    ///
    /// Descriptor 7 is a pipe without a reader; descriptor 8 one that is full and never read.
    private func statuses(_ lines: String...) throws -> [String] {
        let script = """
            mkfifo gone full
            exec 6<>gone 7>gone 6>&-
            exec 8<>full
            head -c 65536 /dev/zero >&8
            set +eo pipefail
            train="denju train --recipe recipe.yaml --workers 1"
            \(lines.joined(separator: "\n"))
            """
        let outcome = try Denju.script(script, in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        return outcome.output.split(separator: "\n").map(String.init)
    }

    @Test("a run goes on in silence when messages cannot be written")
    func runSurvivesUnwritableMessages() throws {
        let statuses = try statuses(
            "$train --run a 2>/dev/full; echo $?", "$train --run b 2>&7; echo $?",
            "$train --run c 2>&8; echo $?", "$train --run d 2>&-; echo $?",
            "$train --run e <&- >/dev/null 2>&-; echo $?", "$train --run f <&- >&- 2>&-; echo $?",
            "$train --run g >/dev/full; echo $?",
            "$train --run h 2>&1 | head -1 >/dev/null; echo ${PIPESTATUS[0]}")
        #expect(statuses == Array(repeating: "0", count: 8))
        for run in ["a", "b", "c", "d", "e", "f", "g", "h"] {
            #expect(try folder.digest(of: run) == folder.digest(of: "a"))
            #expect(try folder.steps(of: run).map(\.step) == [1, 2, 3, 4])
        }
    }

    @Test("statuses are the same when messages cannot be written")
    func statusesAreTheSame() throws {
        let statuses = try statuses(
            "denju predict nosuch --output x 2>/dev/full; echo $?",
            "denju train --recipe nosuch --run x 2>&-; echo $?",
            "denju worker --connect file:nosuch --patience 0.1 2>&7; echo $?",
            "denju status --nosuch 2>/dev/full; echo $?")
        #expect(statuses == Array(repeating: "2", count: 4))
    }

    @Test("a cluster goes on when no process can write messages")
    func clusterSurvivesUnwritableMessages() throws {
        try folder.write(fixture.alone(steps: 100_000).yaml, to: "recipe.yaml")
        let statuses = try statuses(
            """
            denju coordinator --recipe recipe.yaml --run run 2>/dev/full & coordinator=$!
            denju relay --connect file:run/address --publish relay --cache cache 2>&7 & relay=$!
            denju worker --connect file:relay --cache cache 2>&- & worker=$!
            until grep -qs '"step":4' run/steps.jsonl; do sleep 0.05; done
            kill -TERM $coordinator
            for process in $coordinator $relay $worker; do wait $process; echo $?; done
            """)
        #expect(statuses == ["75", "75", "75"])
        #expect(try Denju.run(["verify", "run"], in: folder).status == 0)
    }

    @Test("a command whose result cannot be written fails")
    func unwritableResultFails() throws {
        try folder.train("recipe.yaml", "run")
        #expect(try Denju.run(["keys", "pair"], in: folder).status == 0)
        for text in [
            "objectives", "verify run", "verify --digest run", "inspect run", "diff run run",
            "--help", "--version", "train --help", "worker --connect tcp://a:1 --print-config",
            "keys --list .", "data check recipe.yaml", "evaluate run --json",
        ] {
            let plain = try Denju.run(text.split(separator: " ").map(String.init), in: folder)
            #expect(plain.status == 0 && !plain.output.isEmpty, "\(text): \(plain.errors)")
            let found = try Denju.script(
                """
                set +eo pipefail
                denju \(text) >/dev/full; echo $? >&2
                denju \(text) >&-; echo $? >&2
                [ -p gone ] || mkfifo gone
                exec 6<>gone 7>gone 6>&-
                denju \(text) >&7; echo $? >&2
                """, in: folder
            ).lines.filter { !$0.contains("checking ") }
            #expect(found.count == 5, "\(text): \(found)")
            guard found.count == 5 else { continue }
            #expect(found[0].contains("cannot be written (No space left on device)"), "\(text)")
            #expect(found[2].contains("cannot be written (Bad file descriptor)"), "\(text)")
            #expect([found[1], found[3], found[4]] == ["2", "2", "141"], "\(text)")
        }
    }

    @Test("a summary of files that cannot be written changes no status")
    func unwritableSummaryChangesNoStatus() throws {
        try folder.train("recipe.yaml", "run")
        let statuses = try statuses(
            "denju export run --output a.safetensors >/dev/full 2>errors; echo $?",
            "denju export run --output b.safetensors >&7; echo $?",
            "denju keys pair >&-; echo $?")
        #expect(statuses == ["0", "0", "0"])
        #expect(try folder.bytes("a.safetensors") == folder.bytes("b.safetensors"))
        #expect(try folder.text("errors").contains("the files are complete"))
        #expect(folder.has("pair.key"))
    }

    @Test("a record that cannot grow is reported once, and the run goes on")
    func recordThatCannotGrowIsReportedOnce() throws {
        try folder.train("recipe.yaml", "run", "--stop-after", "1", "--workers", "1")
        // With this line the file is at the limit that the script sets; checkpoints are smaller.
        let line = "{\"step\":0,\"padding\":\"" + String(repeating: "x", count: 3 << 20) + "\"}\n"
        try folder.write(line + folder.text("run/steps.jsonl"), to: "run/steps.jsonl")
        let outcome = try Denju.script(
            """
            ulimit -f 3072
            denju train --recipe recipe.yaml --run run --resume --workers 1
            """, in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let remarks = outcome.lines.filter { $0.contains("steps.jsonl") }
        #expect(remarks.count == 1, "\(outcome.errors)")
        #expect(remarks.first?.contains("File too large") == true, "\(remarks)")
        try folder.train("recipe.yaml", "intact", "--workers", "1")
        #expect(try folder.digest(of: "run") == folder.digest(of: "intact"))
    }

    @Test("names of files, workers and classes cannot control a terminal")
    func namesCannotControlTerminal() throws {
        let name = "a\u{1B}[2J\u{202E}b"
        func expectVisible(
            _ text: String, _ what: String, shown: String = "a\\u001b[2J\\u202eb"
        ) {
            #expect(text.contains(shown), "\(what): \(text)")
            #expect(!text.contains("\u{1B}") && !text.contains("\u{202E}"), "\(what)")
        }
        try folder.write("no scan", to: name + ".ply")
        for command in [
            ["inspect", name], ["train", "--recipe", name + ".yaml", "--run", "x"],
            ["keys", "--list", name], ["status", "--connect", "file:" + name], [name],
        ] {
            expectVisible(try Denju.run(command, in: folder).errors, command[0])
        }
        try folder.write(fixture.alone(steps: 100_000).yaml, to: "recipe.yaml")
        let cluster = try Cluster(in: folder)
        // Messages of the protocol carry no control characters, but marks of direction.
        try cluster.join("--name", "a\u{202E}b")
        try folder.waitForStep(2)
        let status = ["status", "--connect", cluster.address]
        expectVisible(try Denju.run(status, in: folder).output, "status", shown: "a\\u202eb")
        let json = try Denju.run(status + ["--json"], in: folder).output
        expectVisible(json, "status --json", shown: "a\\u202eb")
        #expect(try JSONSerialization.jsonObject(with: Data(json.utf8)) is [String: Any])
        cluster.coordinator.kill(SIGTERM)
        expectVisible(try cluster.outcome().errors, "coordinator", shown: "a\\u202eb")
    }

    @Test("a closed terminal ends the run like SIGTERM, unless nohup protects it")
    func closedTerminalEndsRunLikeSIGTERM() throws {
        try folder.write(fixture.alone(steps: 100_000).yaml, to: "long.yaml")
        let run = try Denju.start(
            ["train", "--recipe", "long.yaml", "--run", "run", "--workers", "2"], in: folder)
        try folder.waitForStep(3)
        // The terminal's end reaches the whole group, and the command twice.
        for child in try run.children() { Command.kill(child, SIGHUP) }
        run.kill(SIGHUP)
        run.kill(SIGHUP)
        let outcome = try run.outcome()
        #expect(outcome.status == 75, "\(outcome.errors)")
        #expect(outcome.errors.contains("SIGHUP: finishing the step"))
        #expect(!outcome.errors.contains("is gone"), "\(outcome.errors)")
        let last = try folder.steps().map(\.step).max() ?? 0
        #expect(folder.has("run/checkpoints/" + String(format: "step-%08d", last)))

        let protected = try Denju.script(
            """
            nohup denju train --recipe long.yaml --run other --workers 1 2>log & run=$!
            until grep -qs '"step":2' other/steps.jsonl; do sleep 0.05; done
            kill -HUP $run
            until grep -qs '"step":9' other/steps.jsonl; do sleep 0.05; done
            kill -TERM $run
            set +e
            wait $run; echo $?
            """, in: folder)
        #expect(protected.output == "75\n", "\(protected.errors)")
    }

    @Test("a hang-up ends a coordinator without keys, and a worker")
    func hangUpEndsCoordinatorAndWorker() throws {
        try folder.write(fixture.alone(steps: 100_000).yaml, to: "recipe.yaml")
        let cluster = try Cluster(in: folder)
        let worker = try cluster.join()
        try folder.waitForStep(2)
        worker.kill(SIGHUP)
        #expect(try worker.outcome().status == 75)
        cluster.coordinator.kill(SIGHUP)
        #expect(try cluster.outcome().status == 75)
        #expect(try Denju.run(["verify", "run"], in: folder).status == 0)
    }
}
