import Datasets
import FoundationEssentials
import Tensors
import Testing
import ZipArchives

/// Damage of files that every reader must reject or read.
struct HostileReading {
    /// The path of the damaged file.
    let file: String
    /// The bytes of the intact file.
    let sound: [UInt8]
    /// Reads the scene of the file.
    let read: () throws -> Void

    init(_ file: String, read: @escaping () throws -> Void) throws {
        self.file = file
        sound = try bytes(of: file)
        self.read = read
        try read()
    }

    /// Truncates the file at every byte; each file must be rejected in one sentence that names it.
    func refusesEveryTruncation(
        but complete: Set<Int> = [], sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try refusesTruncations(every: 1, but: complete, sourceLocation: sourceLocation)
    }

    /// Truncates the file at intervals; each file must be rejected in one sentence that names it.
    func refusesTruncations(
        every step: Int, but complete: Set<Int> = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        defer { try? put(sound) }
        for length in stride(from: 0, to: sound.count, by: step)
        where !complete.contains(length) {
            try put(Array(sound[..<length]))
            guard let sentence = sentence() else {
                Issue.record("\(length) bytes were read", sourceLocation: sourceLocation)
                return
            }
            guard isSentence(sentence), sentence.contains(file) else {
                Issue.record("\(length) bytes: \(sentence)", sourceLocation: sourceLocation)
                return
            }
        }
    }

    /// Changes random bytes; each file must be read, or rejected in one sentence.
    func survivesMutations(
        _ count: Int, seed: UInt64 = 1, of range: Range<Int>? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        defer { try? put(sound) }
        let range = range ?? sound.indices
        for trial in 0..<count {
            var generator = CounterGenerator(seed: seed, step: trial, purpose: .init("mutation"))
            var bytes = sound
            for _ in 0..<1 + generator.index(below: 4) {
                let at = range.lowerBound + generator.index(below: range.count)
                switch generator.index(below: 4) {
                case 0: bytes[at] ^= 1 << UInt8(generator.index(below: 8))
                case 1: bytes[at] = UInt8(generator.index(below: 256))
                case 2: bytes[at] = [0, 0xFF, 0x7F, 0x80][generator.index(below: 4)]
                default:
                    // The largest possible length.
                    for place in at..<min(at + 4, bytes.count) { bytes[place] = 0xFF }
                }
            }
            try put(bytes)
            if let sentence = sentence(), !isSentence(sentence) {
                Issue.record("mutation \(trial): \(sentence)", sourceLocation: sourceLocation)
                return
            }
        }
    }

    private func put(_ bytes: [UInt8]) throws { try Data(bytes).write(to: URL(filePath: file)) }

    private func sentence() -> String? {
        do {
            try read()
            return nil
        } catch let error as SourceError {
            return error.description
        } catch { return "\n\(type(of: error)): \(error)" }
    }

    private func isSentence(_ text: String) -> Bool {
        text.hasSuffix(".") && !text.contains("\n") && text.utf8.count < 2000
    }
}
