import Messages
import Testing

@Suite struct MessageTests {
    @Test("every message of the catalogue has golden bytes")
    func everyMessageHasGoldenBytes() {
        #expect(Golden.all.map { $0.message.kind } == MessageCatalogue.messages.map { $0.kind })
    }

    @Test("the writer produces the golden bytes", arguments: Golden.all)
    func writerProducesGoldenBytes(_ golden: Golden) throws {
        let frames = try golden.message.encode(
            run: Golden.run, epoch: Golden.epoch, payloadSizes: golden.payloadSizes)
        #expect(frames.envelope == golden.frames.envelope)
        #expect(frames.body == golden.frames.body)
    }

    @Test("the reader accepts the golden bytes", arguments: Golden.all)
    func readerAcceptsGoldenBytes(_ golden: Golden) throws {
        let (envelope, message) = try MessageCatalogue.decode(
            envelope: golden.frames.envelope, body: golden.frames.body,
            payloadSizes: golden.payloadSizes)
        #expect(
            envelope
                == Envelope(kind: golden.message.kind, run: Golden.run, epoch: Golden.epoch))
        #expect(message.isEqual(to: golden.message))
    }

    @Test("every truncated message is rejected", arguments: Golden.all)
    func everyTruncationIsRejected(_ golden: Golden) {
        let (envelope, body) = golden.frames
        for count in 0..<envelope.count {
            #expect(problem(Array(envelope.prefix(count)), body, golden) == .truncated)
        }
        for count in 0..<body.count {
            #expect(problem(envelope, Array(body.prefix(count)), golden) == .truncated)
        }
    }

    @Test("bytes after the last field are rejected", arguments: Golden.all)
    func trailingBytesAreRejected(_ golden: Golden) {
        let (envelope, body) = golden.frames
        #expect(problem(envelope + [0], body, golden) == .trailing)
        #expect(problem(envelope, body + [0], golden) == .trailing)
    }

    @Test("payloads that differ from the declared ones are rejected", arguments: Golden.all)
    func undeclaredPayloadsAreRejected(_ golden: Golden) {
        let (envelope, body) = golden.frames
        let sizes = golden.payloadSizes
        var wrong = [sizes + [4], sizes.map { $0 + 1 } + (sizes.isEmpty ? [0] : [])]
        if !sizes.isEmpty { wrong += [Array(sizes.dropLast()), sizes.map { _ in 1 << 40 }] }
        for sizes in wrong {
            #expect(throws: MessageError.self) {
                try MessageCatalogue.decode(envelope: envelope, body: body, payloadSizes: sizes)
            }
            #expect(throws: MessageError.self) {
                try golden.message.encode(
                    run: Golden.run, epoch: Golden.epoch, payloadSizes: sizes)
            }
        }
    }

    /// Sample messages are made from the layouts alone, so a new message is checked without a line
    /// of test code.
    @Test("a sample of every message is read back, and its truncations are rejected")
    func samplesOfEveryMessageAreReadBack() throws {
        for kind in MessageCatalogue.messages {
            var numbers = SampleNumbers()
            let message = kind.sample(&numbers)
            let (body, sizes) = (try message.body(), message.payloads.smallestSizes)
            let again = try MessageCatalogue.decode(
                kind: kind.kind, body: body, payloadSizes: sizes)
            #expect(again.isEqual(to: message), "\(kind)")
            #expect(try again.body() == body, "\(kind)")
            #expect(body.count >= kind.minimumBytes, "\(kind)")
            for count in 0..<body.count {
                #expect(throws: MessageError.self, "\(kind), \(count) bytes") {
                    try MessageCatalogue.decode(
                        kind: kind.kind, body: Array(body.prefix(count)), payloadSizes: sizes)
                }
            }
        }
    }

    private func problem(
        _ envelope: [UInt8], _ body: [UInt8], _ golden: Golden
    ) -> MessageError.Problem? {
        do throws(MessageError) {
            _ = try MessageCatalogue.decode(
                envelope: envelope, body: body, payloadSizes: golden.payloadSizes)
            return nil
        } catch {
            return error.problem
        }
    }
}
