package import Tensors

// Damage of bytes for fuzzing: messages, files.

extension [UInt8] {
    /// Flips one to eight bits.
    package mutating func flip(_ random: inout CounterGenerator) {
        guard !isEmpty else { return }
        for _ in 0...random.index(below: 8) {
            self[random.index(below: count)] ^= 1 << UInt8(random.index(below: 8))
        }
    }

    /// Replaces a number of 1, 2, 4 or 8 bytes by an extreme one.
    package mutating func forge(_ random: inout CounterGenerator) {
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

    /// Replaces its end by the end of other bytes.
    package mutating func splice(_ other: [UInt8], _ random: inout CounterGenerator) {
        let kept = random.index(below: count + 1)
        self.removeLast(count - kept)
        self += other.dropFirst(random.index(below: other.count + 1))
    }

    /// Repeats a part of it.
    package mutating func repeatPart(_ random: inout CounterGenerator) {
        let start = random.index(below: count + 1)
        let part = self[start..<(start + random.index(below: count - start + 1))]
        insert(contentsOf: part, at: start)
    }
}

extension CounterGenerator {
    /// One of the elements.
    package mutating func element<Element>(of elements: [Element]) -> Element {
        elements[index(below: elements.count)]
    }

    /// Random bytes, fewer than `limit`.
    package mutating func bytes(below limit: Int) -> [UInt8] {
        (0..<index(below: limit)).map { _ in UInt8(truncatingIfNeeded: next()) }
    }
}
