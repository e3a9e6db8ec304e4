import Messages
import Testing

@Suite struct EnvelopeTests {
    private let good = Envelope(kind: Heartbeat.kind, run: RunID(high: 1, low: 2), epoch: 3).bytes

    private func failure(changing place: Int, to byte: UInt8) -> MessageError? {
        var bytes = good
        bytes[place] = byte
        do throws(MessageError) {
            _ = try Envelope(bytes: bytes)
            return nil
        } catch {
            return error
        }
    }

    @Test("the error for another program shows the bytes received")
    func anotherProgramIsNamed() {
        let error = failure(changing: 0, to: UInt8(ascii: "H"))
        #expect(error?.problem == .notDenju)
        #expect(
            error?.description == """
                The peer does not speak denju's protocol: its message begins with the bytes \
                484e4a55, not with 444e4a55 ("DNJU").
                """)
    }

    @Test("the error for another protocol version names both versions")
    func anotherVersionIsNamed() {
        let error = failure(changing: 4, to: 9)
        #expect(error?.problem == .version(theirs: 9, ours: Envelope.protocolVersion))
        #expect(
            error?.description == """
                The peer speaks protocol version 9 and this side version 5: run the same version \
                of denju on both.
                """)
    }

    @Test("another protocol version is recognised for envelopes of any length")
    func anotherVersionIsRecognisedForAnyLength() {
        var bytes = good + [1, 2, 3]
        bytes[4] = 9
        #expect(throws: MessageError.self) { try Envelope(bytes: bytes) }
        do throws(MessageError) { _ = try Envelope(bytes: Array(bytes.prefix(6))) } catch {
            #expect(error.problem == .version(theirs: 9, ours: 5))
        }
    }

    @Test("unknown and removed kinds are rejected") func unknownKindsAreRejected() {
        for kind: UInt8 in [0, 20, 24, 255] {
            let error = failure(changing: 6, to: kind)
            #expect(error?.problem == .unknownKind(UInt16(kind)))
            #expect(
                error?.description
                    == "Protocol version 5 has no message of kind \(kind) (the highest is 23).")
        }
    }

    @Test("run ids are read back from their text") func runIDsAreReadBack() {
        let run = RunID(high: 0x0123_4567_89AB_CDEF, low: 0x10)
        #expect(run.description == "0123456789abcdef0000000000000010")
        #expect(RunID(run.description) == run)
        #expect(RunID("0123") == nil)
        #expect(RunID(String(repeating: "g", count: 32)) == nil)
        #expect(RunID("+1234567+1234567+1234567+1234567") == nil)
        #expect(RunID.random() != RunID.random())
        #expect(RunID.random() != RunID.none)
    }
}
