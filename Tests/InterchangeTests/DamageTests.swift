import Foundation
import Interchange
import Tensors
import Testing
import ZipArchives

/// Damaged checkpoints yield an error of one sentence or the right numbers.
@Suite struct DamageTests {
    /// The file is cut at every half kilobyte, and more often in the last kilobyte with the directory.
    @Test("a truncated checkpoint is rejected", arguments: ["plain.pth", "views.pth"])
    func truncatedFileIsRejected(name: String) throws {
        let trial = try Trial(name)
        let count = trial.bytes.count
        for length in Array(stride(from: 0, to: count, by: 512))
            + Array(stride(from: count - 1, to: count - 1024, by: -9))
        {
            try trial.put(Array(trial.bytes[..<length]))
            #expect(try trial.outcome() == .rejected, "\(length) bytes")
        }
    }

    @Test(
        "a checkpoint with changed bytes is rejected or has the right numbers",
        arguments: ["plain.pth", "views.pth", "distributed.pth"])
    func changedByteIsRejectedOrHarmless(name: String) throws {
        let trial = try Trial(name)
        for number in 0..<400 {
            var generator = CounterGenerator(seed: 3, step: number, purpose: .init("flip"))
            var bytes = trial.bytes
            for _ in 0...generator.index(below: 3) {
                // Half of the changes are at the beginning, where the pickle is.
                let range = generator.index(below: 2) == 0 ? min(bytes.count, 20_000) : bytes.count
                bytes[generator.index(below: range)] = UInt8(generator.index(below: 256))
            }
            try trial.put(bytes)
            #expect(try trial.outcome() != .other, "trial \(number)")
        }
    }

    // The pickles are passed without an archive: its checksum would reject them first.
    @Test("a damaged pickle is read or rejected in one sentence")
    func damagedPickleIsReadOrRejected() throws {
        let trial = try Trial("plain.pth")
        let file = try InputFile(trial.path)
        let archive = try ZipArchive(trial.path)
        let entry = try #require(archive.entries.first { $0.name.hasSuffix("/data.pkl") })
        let sound = try archive.contents(of: entry)
        for number in 0..<3000 {
            var generator = CounterGenerator(seed: 4, step: number, purpose: .init("jumble"))
            var bytes = sound
            for _ in 0...generator.index(below: 4) {
                let at = generator.index(below: bytes.count)
                switch generator.index(below: 3) {
                case 0: bytes[at] = UInt8(generator.index(below: 256))
                case 1: bytes.removeSubrange(at..<min(bytes.count, at + generator.index(below: 9)))
                default: bytes.insert(UInt8(generator.index(below: 256)), at: at)
                }
            }
            do {
                try PyTorchFile.check(pickle: bytes, of: file)
            } catch let error as SourceError {
                #expect(!error.description.contains("\n"))
            }
        }
    }

    @Test("the number of pickle instructions is limited") func instructionsAreLimited() throws {
        let trial = try Trial("plain.pth")
        let file = try InputFile(trial.path)
        let archive = try ZipArchive(trial.path)
        let entry = try #require(archive.entries.first { $0.name.hasSuffix("/data.pkl") })
        let sound = try archive.contents(of: entry)
        try PyTorchFile.check(pickle: sound, of: file, limit: sound.count)
        let error = #expect(throws: SourceError.self) {
            try PyTorchFile.check(pickle: sound, of: file, limit: 6)
        }
        #expect(error?.description.contains("more than 6 pickle instructions") == true)
    }
}

/// A file that a test damages repeatedly, with the weights of the intact file.
private final class Trial {
    enum Outcome { case rejected, right, other }

    let path: String
    let bytes: [UInt8]
    private let sound: Weights

    init(_ name: String) throws {
        bytes = Array(try Data(contentsOf: URL(filePath: Fixture.path(name))))
        sound = try PyTorchFile(Fixture.path(name)).weights()
        path =
            FileManager.default.temporaryDirectory.appending(
                path: "denju-damage-\(UUID().uuidString).pth"
            ).path
        try put(bytes)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func put(_ bytes: [UInt8]) throws { try Data(bytes).write(to: URL(filePath: path)) }

    func outcome() throws -> Outcome {
        do {
            let weights = try PyTorchFile(path).weights()
            // A name can only differ if the checksum of the pickle was changed, too.
            let isRight = zip(weights, sound).allSatisfy {
                $0.name == $1.name && $0.shape == $1.shape && $0.tensor.values == $1.tensor.values
            }
            return isRight && weights.count == sound.count ? .right : .other
        } catch let error as SourceError {
            let sentence = error.description
            return sentence.contains(path) && !sentence.contains("\n") ? .rejected : .other
        }
    }
}
