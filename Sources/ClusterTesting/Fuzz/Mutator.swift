import Tensors

/// Damages messages: the same damage for the same seed and number on every machine.
package struct Mutator: Sendable {
    private let seed: UInt64
    private let corpus: [Frames]

    /// A mutator of the given valid messages.
    package init(seed: UInt64, corpus: [Frames]) {
        self.seed = seed
        self.corpus = corpus
    }

    /// The damaged message of that number.
    package func frames(_ number: UInt64) -> Frames {
        var random = CounterGenerator(seed: seed, sample: number, purpose: .init("fuzz"))
        var frames = random.element(of: corpus)
        for _ in 0...random.index(below: 3) { damage(&frames, &random) }
        return frames
    }

    private func damage(_ frames: inout Frames, _ random: inout CounterGenerator) {
        let place = random.index(below: max(frames.count, 1))
        switch random.index(below: 13) {
        case 0: frames.change(place) { $0.flip(&random) }
        case 1: frames.change(place) { $0.removeLast(random.index(below: $0.count + 1)) }
        case 2: frames.change(place) { $0 += random.bytes(below: 40) }
        case 3, 4: frames.change(place) { $0.forge(&random) }
        case 5: frames.change(place) { $0.splice(random.element(of: corpus), at: place, &random) }
        case 6: frames.change(place) { $0.repeatPart(&random) }
        case 7 where !frames.isEmpty: frames.insert(frames[place], at: place)
        case 8 where !frames.isEmpty: frames.remove(at: place)
        case 9 where !frames.isEmpty: frames.swapAt(place, random.index(below: frames.count))
        case 10:
            // A valid envelope, and then noise.
            frames = [frames.first ?? [], random.bytes(below: 300)]
        case 11:
            // The envelope of one, the body of another, the payloads of a third.
            let (body, payloads) = (random.element(of: corpus), random.element(of: corpus))
            frames = Array(frames.prefix(1)) + body.dropFirst().prefix(1) + payloads.dropFirst(2)
        default:
            // 5000 are more frames than a socket accepts in a message.
            let count = random.index(below: 8) == 0 ? 5000 : random.index(below: 20)
            frames += Array(repeating: [], count: count)
        }
    }
}

extension [[UInt8]] {
    fileprivate mutating func change(_ place: Int, _ body: (inout [UInt8]) -> Void) {
        guard indices.contains(place) else { return }
        body(&self[place])
    }
}

extension [UInt8] {
    /// Flips one to eight bits.
    fileprivate mutating func flip(_ random: inout CounterGenerator) {
        guard !isEmpty else { return }
        for _ in 0...random.index(below: 8) {
            self[random.index(below: count)] ^= 1 << UInt8(random.index(below: 8))
        }
    }

    /// Replaces a number of 1, 2, 4 or 8 bytes by an extreme one.
    fileprivate mutating func forge(_ random: inout CounterGenerator) {
        let width = 1 << random.index(below: 4)
        guard count >= width else { return }
        let edges: [UInt64] = [
            0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFF_FFFF, 0x8000_0000,
            0xFFFF_FFFF, 0x1_0000_0000, .max >> 1, 1 << 63, .max, 4096, 4097, 1 << 18, 1 << 26,
            (1 << 26) + 1, 0x7FF0_0000_0000_0000, 0x7FF8_0000_0000_0000, 0x43F0_0000_0000_0000,
        ]
        let value = random.element(of: edges)
        let start = random.index(below: count - width + 1)
        for byte in 0..<width {
            self[start + byte] = UInt8(truncatingIfNeeded: value >> UInt64(8 * byte))
        }
    }

    /// Replaces its end by the end of another message's frame.
    fileprivate mutating func splice(
        _ other: Frames, at place: Int, _ random: inout CounterGenerator
    ) {
        guard other.indices.contains(place) else { return }
        let kept = random.index(below: count + 1)
        self.removeLast(count - kept)
        self += other[place].dropFirst(random.index(below: other[place].count + 1))
    }

    /// Repeats a part of it.
    fileprivate mutating func repeatPart(_ random: inout CounterGenerator) {
        let start = random.index(below: count + 1)
        let part = self[start..<(start + random.index(below: count - start + 1))]
        insert(contentsOf: part, at: start)
    }
}

extension CounterGenerator {
    mutating func element<Element>(of elements: [Element]) -> Element {
        elements[index(below: elements.count)]
    }

    mutating func bytes(below limit: Int) -> [UInt8] {
        (0..<index(below: limit)).map { _ in UInt8(truncatingIfNeeded: next()) }
    }
}
