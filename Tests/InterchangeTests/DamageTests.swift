import Archives
import Foundation
import Interchange
import Tensors
import Testing

/// Damaged checkpoints: one sentence or the right numbers, never anything else.
@Suite struct DamageTests {
    /// Cut at every half kilobyte, and more often in the last kilobyte, where the directory is.
    @Test(arguments: ["plain.pth", "views.pth"])
    func aTruncatedFileIsRefused(name: String) throws {
        let trial = try Trial(name)
        let count = trial.bytes.count
        for length in Array(stride(from: 0, to: count, by: 512))
            + Array(stride(from: count - 1, to: count - 1024, by: -9))
        {
            try trial.put(Array(trial.bytes[..<length]))
            #expect(try trial.outcome() == .refused, "\(length) bytes")
        }
    }

    @Test(arguments: ["plain.pth", "views.pth", "distributed.pth"])
    func aFlippedByteIsRefusedOrHarmless(name: String) throws {
        let trial = try Trial(name)
        for number in 0..<400 {
            var generator = CounterGenerator(seed: 3, step: number, purpose: .init("flip"))
            var bytes = trial.bytes
            for _ in 0...generator.index(below: 3) {
                // Half of them where the pickle is: at the beginning.
                let range = generator.index(below: 2) == 0 ? min(bytes.count, 20_000) : bytes.count
                bytes[generator.index(below: range)] = UInt8(generator.index(below: 256))
            }
            try trial.put(bytes)
            #expect(try trial.outcome() != .other, "trial \(number)")
        }
    }

    /// Pickles that are cut, jumbled or invented: whatever the checksum says.
    @Test func anyPickleIsReadOrRefused() throws {
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
}

/// A file of its own that is damaged again and again.
private final class Trial {
    enum Outcome { case refused, right, other }

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
            // Names may have been changed in a pickle only if its checksum was, too.
            let isRight = zip(weights, sound).allSatisfy {
                $0.name == $1.name && $0.shape == $1.shape && $0.tensor.values == $1.tensor.values
            }
            return isRight && weights.count == sound.count ? .right : .other
        } catch let error as SourceError {
            let sentence = error.description
            return sentence.contains(path) && !sentence.contains("\n") ? .refused : .other
        }
    }
}
