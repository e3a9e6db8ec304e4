import Messages
import Testing

@Suite struct MessageTests {
    @Test func everyKindHasItsGoldenBytes() {
        #expect(Golden.all.map(\.message.kind) == MessageKind.allCases)
    }

    @Test(arguments: Golden.all) func writesTheGoldenBytes(_ golden: Golden) throws {
        let frames = try golden.message.encode(
            run: Golden.run, epoch: Golden.epoch, payloadSizes: golden.payloadSizes)
        #expect(frames.envelope == golden.frames.envelope)
        #expect(frames.body == golden.frames.body)
    }

    @Test(arguments: Golden.all) func readsTheGoldenBytes(_ golden: Golden) throws {
        let (envelope, message) = try Message.decode(
            envelope: golden.frames.envelope, body: golden.frames.body,
            payloadSizes: golden.payloadSizes)
        #expect(
            envelope
                == Envelope(kind: golden.message.kind, run: Golden.run, epoch: Golden.epoch))
        #expect(message == golden.message)
    }

    @Test(arguments: Golden.all) func everyTruncationIsRefused(_ golden: Golden) {
        let (envelope, body) = golden.frames
        for count in 0..<envelope.count {
            #expect(problem(Array(envelope.prefix(count)), body, golden) == .truncated)
        }
        for count in 0..<body.count {
            #expect(problem(envelope, Array(body.prefix(count)), golden) == .truncated)
        }
    }

    @Test(arguments: Golden.all) func trailingBytesAreRefused(_ golden: Golden) {
        let (envelope, body) = golden.frames
        #expect(problem(envelope + [0], body, golden) == .trailing)
        #expect(problem(envelope, body + [0], golden) == .trailing)
    }

    @Test(arguments: Golden.all) func payloadsMustBeThoseDeclared(_ golden: Golden) {
        let (envelope, body) = golden.frames
        let sizes = golden.payloadSizes
        var wrong = [sizes + [4], sizes.map { $0 + 1 } + (sizes.isEmpty ? [0] : [])]
        if !sizes.isEmpty { wrong += [Array(sizes.dropLast()), sizes.map { _ in 1 << 40 }] }
        for sizes in wrong {
            #expect(throws: MessageError.self) {
                try Message.decode(envelope: envelope, body: body, payloadSizes: sizes)
            }
            #expect(throws: MessageError.self) {
                try golden.message.encode(
                    run: Golden.run, epoch: Golden.epoch, payloadSizes: sizes)
            }
        }
    }

    private func problem(
        _ envelope: [UInt8], _ body: [UInt8], _ golden: Golden
    ) -> MessageError.Problem? {
        do throws(MessageError) {
            _ = try Message.decode(
                envelope: envelope, body: body, payloadSizes: golden.payloadSizes)
            return nil
        } catch {
            return error.problem
        }
    }
}
