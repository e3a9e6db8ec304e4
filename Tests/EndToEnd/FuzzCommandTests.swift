import Testing

/// The output and the errors of `denju-bench fuzz`.
@Suite struct FuzzCommandTests {
    @Test func fuzzPrintsCountAndTime() throws {
        let outcome = try Denju.bench(
            ["fuzz", "--frames", "2000", "--live", "80", "--hostile", "4", "--seed", "7"],
            in: Folder())
        #expect(outcome.status == 0, "\(outcome.errors)")
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.count == 4)
        #expect(outcome.output.contains("hostile workers with allowed keys: 4 steps in "))
        #expect(outcome.output.contains("decoder: 2000 damaged messages in "))
        #expect(outcome.output.contains("refused: "))
        #expect(outcome.output.contains("open loopback: 40 damaged messages"))
        #expect(outcome.output.contains("CURVE: 40 damaged messages"))
        expectOneSentence(
            try Denju.bench(
                ["fuzz", "--frames", "0", "--live", "0", "--hostile", "0"], in: Folder()),
            saying: ["--frames 0", "one message"])
    }

    @Test func memoryBeyondLimitIsReported() throws {
        let outcome = try Denju.bench(
            [
                "fuzz", "--frames", "0", "--live", "4", "--hostile", "0", "--memory", "1", "--seed",
                "9",
            ],
            in: Folder())
        expectLastSentence(outcome, saying: ["Seed 9", "MiB"])
    }
}
