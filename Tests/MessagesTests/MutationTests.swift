import Messages
import Testing

/// Messages damaged at random: each is refused with an error, or was a message after all and is
/// written back byte for byte as it was read.
@Suite struct MutationTests {
    /// Damaged messages a kind; 22 kinds.
    #if DEBUG
        private static let rounds = 500
    #else
        private static let rounds = 15_000
    #endif

    @Test(arguments: Golden.all) func damageNeverGoesUnnoticed(_ golden: Golden) throws {
        var random = Xorshift(state: 0x9E37_79B9_7F4A_7C15 ^ UInt64(golden.message.kind.rawValue))
        let (envelope, body) = golden.frames
        var refused = 0
        for _ in 0..<Self.rounds {
            let damagedEnvelope =
                random.below(4) == 0 ? random.damage(envelope) : envelope
            let damagedBody = random.damage(body)
            var sizes = golden.payloadSizes
            if random.below(8) == 0 { sizes.append(random.below(128)) }
            do throws(MessageError) {
                let (read, message) = try Message.decode(
                    envelope: damagedEnvelope, body: damagedBody, payloadSizes: sizes)
                let again = try message.encode(
                    run: read.run, epoch: read.epoch, payloadSizes: sizes)
                #expect(again.envelope == damagedEnvelope)
                #expect(again.body == damagedBody)
            } catch {
                #expect(error.description.hasSuffix("."))
                refused += 1
            }
        }
        #expect(refused > 0)
    }

    @Test func noiseIsRefused() {
        var random = Xorshift(state: 42)
        for _ in 0..<Self.rounds {
            let noise = (0..<random.below(200)).map { _ in UInt8(random.below(256)) }
            for kind in MessageKind.allCases where kind != .statusRequest || !noise.isEmpty {
                do throws(MessageError) {
                    let message = try Message(kind: kind, body: noise, payloadSizes: [])
                    #expect(try message.fields.body() == noise)
                } catch {
                    #expect(!error.description.isEmpty)
                }
            }
        }
    }
}

/// Marsaglia's xorshift64*: the same damage in every run.
private struct Xorshift {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }

    mutating func below(_ count: Int) -> Int { Int(next() >> 33) % max(count, 1) }

    /// One to four injuries: flipped bits, odd bytes, forged numbers, cuts, insertions, repeats.
    mutating func damage(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0...below(4) {
            let place = below(bytes.count)
            switch below(7) {
            case 0 where !bytes.isEmpty: bytes[place] ^= 1 << below(8)
            case 1 where !bytes.isEmpty: bytes[place] = UInt8(below(256))
            case 2 where !bytes.isEmpty: bytes[place] = [0x00, 0x7F, 0x80, 0xFF][below(4)]
            case 3 where bytes.count >= 4:
                let start = below(bytes.count - 3)
                let forged = UInt32(truncatingIfNeeded: next() >> UInt64(below(33)))
                for byte in 0..<4 {
                    bytes[start + byte] = UInt8(truncatingIfNeeded: forged >> (8 * byte))
                }
            case 4: bytes.removeLast(below(bytes.count))
            case 5: bytes.insert(UInt8(below(256)), at: place)
            default:
                bytes.append(contentsOf: bytes[min(place, bytes.count)...])
            }
        }
        return bytes
    }
}
