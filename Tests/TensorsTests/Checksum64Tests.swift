import Tensors
import Testing

/// The checksum that detects changed bytes.
@Suite struct Checksum64Tests {
    private static let lengths = [0, 1, 7, 8, 63, 64, 255, 256, 257, 1000, 4099]

    private static func bytes(_ count: Int) -> [UInt8] {
        var random = CounterGenerator(seed: 5, purpose: .init("checksum"))
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    private func checksum(_ bytes: [UInt8]) -> Checksum64 {
        Checksum64(of: unsafe bytes.span.bytes)
    }

    /// The twin: one word after the other.
    private func plain(_ bytes: [UInt8]) -> UInt64 {
        let factor: UInt64 = 0x9e37_79b9_7f4a_7c15
        func step(_ state: UInt64, _ word: UInt64) -> UInt64 {
            let product = (state ^ word) &* factor
            return product << 29 | product >> 35
        }
        var states = (1...32).map { factor &* UInt64($0) }
        let whole = (bytes.count / 256 + 1) * 256
        let padded = bytes + [UInt8](repeating: 0, count: whole - bytes.count)
        for place in 0..<whole / 8 {
            let word = (0..<8).reduce(UInt64(0)) {
                $0 | UInt64(padded[8 * place + $1]) << UInt64(8 * $1)
            }
            states[place % 32] = step(states[place % 32], word)
        }
        let all = states.reduce(UInt64(bytes.count), step)
        return (all ^ all >> 32) &* factor
    }

    @Test(arguments: lengths, [4, 3, 0])
    func checksumEqualsItsReferenceAtEveryWidth(count: Int, width: Int) {
        let bytes = Self.bytes(count)
        #expect(Kernels.withWidth(width) { checksum(bytes).value } == plain(bytes))
    }

    @Test func checksumIsTheSameInEveryVersion() {
        #expect(checksum([]).hex == "cd5d2032d0f1c9fe")
        #expect(checksum(Array(0...255)).hex == "00b9b3228a986e37")
    }

    @Test func everyChangedBitChangesTheChecksum() {
        let bytes = Self.bytes(777)
        let sum = checksum(bytes)
        for place in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[place] ^= 1 << bit
                #expect(checksum(damaged) != sum, "bit \(bit) of byte \(place)")
            }
        }
    }

    @Test func twoChangedBitsChangeTheChecksum() {
        let bytes = Self.bytes(520)
        var seen: Set<Checksum64> = [checksum(bytes)]
        for first in stride(from: 0, to: 4160, by: 13) {
            for second in stride(from: first + 1, to: 4160, by: 29) {
                var damaged = bytes
                damaged[first / 8] ^= 1 << (first % 8)
                damaged[second / 8] ^= 1 << (second % 8)
                #expect(seen.insert(checksum(damaged)).inserted, "bits \(first) and \(second)")
            }
        }
    }

    @Test func anotherLengthChangesTheChecksum() {
        let sums = (0..<600).map { checksum([UInt8](repeating: 0, count: $0)) }
        #expect(Set(sums).count == sums.count)
    }

    @Test func checksumOfSeveralDependsOnTheirOrder() {
        let (a, b) = (checksum([1]), checksum([2]))
        #expect(Checksum64([a, b]) != Checksum64([b, a]))
        #expect(Checksum64([a, b]) == Checksum64([a, b]))
    }
}
