import Datasets
import PointClouds
import Tensors
import Testing
import ZipArchives

@Suite struct PackedCloudTests {
    /// Irregular positions, a colour in 255ths, a channel of irregular numbers, labels.
    private func cloud(_ count: Int, seed: UInt64 = 1) -> Cloud {
        var random = CounterGenerator(seed: seed, purpose: .init("packed clouds"))
        func draw() -> Float { Float(random.index(below: 1 << 24)) / 1000 - 8000 }
        let odd: [UInt32] = [0x7FC0_0001, 0xFF80_0000, 0x8000_0000, 1, 0x7F7F_FFFF]
        return Cloud(
            positions: (0..<count).map { _ in SIMD3(draw(), draw(), draw()) },
            origin: SIMD3(652_104.25, -6_862_113.5, 1e-300),
            channels: [
                .init(
                    name: "colour", width: 3,
                    values: (0..<3 * count).map { _ in Float(random.index(below: 256)) / 255 }),
                .init(
                    name: "Größe",
                    values: (0..<count).map { Float(bitPattern: odd[$0 % 5] &+ UInt32($0 / 5)) }),
            ],
            labels: (0..<count).map { Int32($0 % 7) - 1 })
    }

    private func expectSameBits(_ one: Cloud, _ other: Cloud) {
        #expect(one.positions.map(bits) == other.positions.map(bits))
        #expect(one.origin == other.origin && one.labels == other.labels)
        #expect(one.channels == other.channels)
    }

    private func bits(_ point: SIMD3<Float>) -> SIMD3<UInt32> {
        SIMD3(point.x.bitPattern, point.y.bitPattern, point.z.bitPattern)
    }

    @Test("a packed cloud is restored bit for bit", arguments: [0, 1, 2, 255, 256, 257, 3000])
    func packedCloudIsRestoredBitForBit(count: Int) throws {
        let cloud = cloud(count)
        let bytes = PackedCloud.bytes(of: cloud)
        expectSameBits(try PackedCloud.cloud(from: bytes, name: "a"), cloud)
        #expect(PackedCloud.bytes(of: cloud) == bytes, "the same bytes each time")
        var bare = cloud
        (bare.channels, bare.labels) = ([], [])
        bare.positions = bare.positions.map { SIMD3(-$0.x, -0.0, .nan) }
        expectSameBits(
            try PackedCloud.cloud(from: PackedCloud.bytes(of: bare), name: "b"), bare)
    }

    @Test("a packed cloud is small") func packedCloudIsSmall() {
        let cloud = cloud(3000)
        // Of eight columns with four bytes, labels and colours take one byte or less.
        #expect(PackedCloud.bytes(of: cloud).count < 3000 * 20)
    }

    @Test("invalid bytes are rejected in one sentence")
    func invalidBytesAreRejectedInOneSentence() throws {
        let bytes = PackedCloud.bytes(of: cloud(40))
        func refusal(_ bytes: [UInt8]) -> String? {
            do {
                _ = try PackedCloud.cloud(from: bytes, name: "08/000003")
                return nil
            } catch { return (error as? SourceError)?.description ?? "\n\(error)" }
        }
        for length in bytes.indices {
            let sentence = refusal(Array(bytes[..<length])) ?? ""
            #expect(sentence.contains("packed scan 08/000003") && sentence.hasSuffix("."))
        }
        #expect(refusal(bytes + [0])?.contains("1 bytes too many") == true)
        for trial in 0..<2000 {
            var random = CounterGenerator(seed: 5, step: trial, purpose: .init("flips"))
            var flipped = bytes
            let at = random.index(below: bytes.count)
            flipped[at] = UInt8(random.index(below: 256))
            if random.index(below: 4) == 0 {
                for place in at..<min(at + 8, bytes.count) { flipped[place] = 0xFF }
            }
            // Damage is detected or not, but must not cause a crash.
            #expect(refusal(flipped)?.contains("\n") != true)
        }
    }
}
