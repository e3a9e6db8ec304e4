import Foundation
import Testing

/// The short trial of damaged files for every command.
@Suite struct CommandFuzzTests {
    @Test("every command answers damaged files with a sentence or a sound result")
    func commandsAnswerDamagedFiles() throws {
        let tests = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().path
        let outcome = try Denju.bench(
            [
                "commands", "--inputs", "114", "--seed", "3", "--threads", "2", "--samples",
                tests + "/FormatsTests/Fixtures", "--checkpoint",
                tests + "/InterchangeTests/Fixtures/plain.pth",
            ], in: Folder(), within: .seconds(300))
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("114 damaged inputs: "), "\(outcome.output)")
        #expect(outcome.output.contains("with status 2"))
        expectOneSentence(
            try Denju.bench(["commands", "--inputs", "0"], in: Folder()), saying: ["--inputs 0"])
    }
}
