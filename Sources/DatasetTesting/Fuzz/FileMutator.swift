import FoundationEssentials
import TensorTesting
import Tensors
import ZipArchives

/// Damages files of a format: the same damage for the same seed and number on every machine.
package struct FileMutator: Sendable {
    /// A valid file of the corpus.
    package struct Sample: Sendable {
        /// The name of the file in the corpus.
        package let name: String
        /// Its contents.
        package let bytes: [UInt8]

        /// A file of a corpus.
        package init(name: String, bytes: [UInt8]) {
            self.name = name
            self.bytes = bytes
        }
    }

    private let seed: UInt64
    private let own: [Sample]
    /// Files of other formats, whose parts are mixed in.
    private let others: [Sample]

    /// A mutator of the files with a suffix below a folder.
    ///
    /// - Parameter isUsable: whether a file is damaged; damage to a file that no reader accepts tests
    ///   little.
    package init(
        seed: UInt64, suffix: String, samples folder: String, where isUsable: (Sample) -> Bool
    ) throws {
        let all = try Self.samples(below: folder)
        self.seed = seed
        own = all.filter { $0.name.hasSuffix(suffix) && isUsable($0) } + Self.raw(suffix)
        others = all.filter { !$0.name.hasSuffix(suffix) }
        guard !own.isEmpty else {
            throw SourceError("The folder \(folder) has no file *\(suffix): name another folder.")
        }
    }

    /// A mutator of some files, into which parts of others are mixed.
    package init(seed: UInt64, own: [Sample], others: [Sample]) {
        self.seed = seed
        self.own = own
        self.others = others
    }

    // Larger files would take most of the time without leading into other code.
    private static let largestSample = 64 << 10

    private static func samples(below folder: String) throws -> [Sample] {
        guard let names = try? FileManager.default.subpathsOfDirectory(atPath: folder) else {
            throw SourceError("The folder \(folder) cannot be listed: name another folder.")
        }
        return try names.sorted().compactMap { name in
            let file = try? InputFile(folder + "/" + name)
            guard let file, file.size <= largestSample else { return nil }
            return Sample(name: name, bytes: try file.all())
        }
    }

    /// Files of formats without a header.
    private static func raw(_ suffix: String) -> [Sample] {
        func floats(_ columns: Int) -> [UInt8] {
            (0..<24 * columns).flatMap { index -> [UInt8] in
                let bits = (Float(index % columns) / 8 + Float(index / columns)).bitPattern
                return (0..<4).map { UInt8(truncatingIfNeeded: bits >> UInt32(8 * $0)) }
            }
        }
        switch suffix {
        case ".pcd.bin": return [Sample(name: "raw.pcd.bin", bytes: floats(5))]
        case ".bin": return [Sample(name: "raw.bin", bytes: floats(4))]
        case ".label":
            let words: [UInt8] = (0..<24).flatMap { [UInt8(10 * $0), 0, UInt8($0), 0] }
            return [Sample(name: "raw.label", bytes: words)]
        case "_lidarseg.bin":
            return [Sample(name: "raw_lidarseg.bin", bytes: (0..<24).map { UInt8($0) })]
        default: return []
        }
    }

    /// The damaged file of a number.
    package func damaged(_ number: UInt64) -> Sample {
        var random = CounterGenerator(seed: seed, sample: number, purpose: .init("file fuzz"))
        let sample = random.element(of: own)
        var bytes = sample.bytes
        // A file of another format under this format's name.
        if random.index(below: 24) == 0, !others.isEmpty {
            return random.element(of: others)
        }
        // Half of the files have one damage only: more rarely leave anything to read.
        let more = random.index(below: 2) * random.index(below: 4)
        for _ in 0...more { damage(&bytes, &random) }
        return Sample(name: sample.name, bytes: bytes)
    }

    private func damage(_ bytes: inout [UInt8], _ random: inout CounterGenerator) {
        switch random.index(below: 12) {
        case 0: bytes.flip(&random)
        case 1: bytes.removeLast(random.index(below: bytes.count + 1))
        case 2: bytes += random.bytes(below: 40)
        case 3: bytes.forge(&random)
        case 4, 5:
            // Headers decide on sizes and offsets, and take a small part of a file.
            var head = Array(bytes.prefix(512))
            head.forge(&random)
            bytes.replaceSubrange(0..<head.count, with: head)
        case 6: bytes.splice(random.element(of: own).bytes, &random)
        case 7 where !others.isEmpty: bytes.splice(random.element(of: others).bytes, &random)
        case 8: bytes.repeatPart(&random)
        case 9: bytes.editNumber(&random)
        case 10: bytes.editLine(&random)
        default:
            guard bytes.count > 1 else { return }
            let start = random.index(below: bytes.count)
            bytes.removeSubrange(start..<min(bytes.count, start + 1 + random.index(below: 64)))
        }
    }
}

extension [UInt8] {
    private static let texts = [
        "0", "-1", "1", "2", "4096", "65536", "2147483648", "4294967296", "9223372036854775807",
        "99999999999999999999", "1e400", "-1e-400", "nan", "inf", "", "0x10", "1.5", "x",
    ]

    /// The ranges of words in the first kilobyte.
    private var words: [Range<Int>] {
        var words: [Range<Int>] = []
        var start: Int?
        for at in 0..<Swift.min(count, 1024) {
            let isWord =
                self[at] > 0x20 && self[at] < 0x7F && !",()[]{}:'\"".utf8.contains(self[at])
            if isWord, start == nil { start = at }
            if !isWord, let first = start {
                words.append(first..<at)
                start = nil
            }
        }
        return words
    }

    /// Replaces a word of the header by a number, or by another word.
    fileprivate mutating func editNumber(_ random: inout CounterGenerator) {
        let words = words
        guard !words.isEmpty else { return }
        let word = random.element(of: words)
        let other = Array(self[random.element(of: words)])
        let text = Array(random.element(of: Self.texts).utf8)
        replaceSubrange(word, with: random.index(below: 3) == 0 ? other : text)
    }

    /// Removes, repeats or moves a line of the header.
    fileprivate mutating func editLine(_ random: inout CounterGenerator) {
        let ends = [0] + indices.prefix(1024).filter { self[$0] == 0x0A }.map { $0 + 1 }
        guard ends.count > 2 else { return }
        let place = random.index(below: ends.count - 1)
        let line = ends[place]..<ends[place + 1]
        let text = Array(self[line])
        if random.index(below: 2) == 0 { removeSubrange(line) }
        let target = Swift.min(random.element(of: ends), count)
        if random.index(below: 3) > 0 { insert(contentsOf: text, at: target) }
    }
}
