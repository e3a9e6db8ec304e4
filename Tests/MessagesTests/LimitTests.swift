import Messages
import Testing

/// Lengths, counts and values that only a faulty or hostile peer declares.
///
/// Each is rejected before memory is allocated for it.
@Suite struct LimitTests {
    private static let absurd: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]

    private func failure<Kind: Message>(
        _ kind: Kind.Type, _ body: [UInt8], payloadSizes: [Int] = []
    ) -> MessageError? {
        do throws(MessageError) {
            _ = try Kind(body: body, payloadSizes: payloadSizes)
            return nil
        } catch {
            return error
        }
    }

    private func zeros(_ count: Int) -> [UInt8] { Array(repeating: 0, count: count) }

    @Test("counts beyond their limit are rejected") func countsBeyondLimitAreRejected() {
        let counts = failure(Lease.self, zeros(8) + Self.absurd)
        #expect(counts?.problem == .limit)
        #expect(
            counts?.description
                == "The Lease declares 4294967295 nodes; at most 4096 are allowed.")
        #expect(failure(EvaluationLease.self, zeros(8) + Self.absurd)?.problem == .limit)
        #expect(failure(Totals.self, zeros(9) + Self.absurd)?.problem == .limit)
        #expect(failure(NodeReport.self, zeros(13) + Self.absurd)?.problem == .limit)
    }

    @Test("counts within their limit must fit the bytes left") func countsMustFitBytesLeft() {
        // 2^18 samples are allowed, but the body does not have eight bytes for each.
        let error = failure(EvaluationLease.self, zeros(8) + [0, 0, 4, 0] + zeros(64))
        #expect(error?.problem == .truncated)
        #expect(
            error?.description == """
                The EvaluationLease ends in samples: 2097152 bytes are needed at byte 12 of 76.
                """)
    }

    @Test("texts beyond their limit are rejected") func textsBeyondLimitAreRejected() {
        #expect(failure(Hello.self, Self.absurd)?.problem == .limit)
        #expect(failure(Refusal.self, [1, 0x10, 0, 0] + zeros(4097))?.problem == .limit)
        #expect(failure(Status.self, Self.absurd)?.problem == .limit)
    }

    @Test("tensor shapes beyond a payload are rejected") func shapesBeyondLimitAreRejected() {
        let term: [UInt8] = zeros(9) + [1, 0, 0, 0] + zeros(6) + [1, 0, 0, 0]
        let shape = Self.absurd + Self.absurd
        let error = failure(Totals.self, term + shape + zeros(4))
        #expect(error?.problem == .value)
        #expect(
            error?.description
                == "The Totals declares a tensor of 4294967295 x 4294967295."
        )
        let result = zeros(16) + Self.absurd
        #expect(failure(EvaluationResult.self, result, payloadSizes: [8])?.problem == .value)
    }

    @Test("a body beyond its limit is rejected unread") func longBodyIsRejectedUnread() {
        #expect(failure(Status.self, zeros(Limits.bodyBytes + 1))?.problem == .limit)
    }

    @Test("values that no writer produces are rejected") func impossibleValuesAreRejected() {
        #expect(failure(Stop.self, [1, 0, 0, 0, 7])?.problem == .value)
        #expect(failure(Stop.self, [2, 0, 0, 0, 0xC3, 0x28])?.problem == .value)
        #expect(failure(WeightsBucket.self, zeros(16), payloadSizes: [4])?.problem == .value)
        let beyond = zeros(32) + [5] + zeros(7) + [4] + zeros(7)
        #expect(failure(AssetPart.self, beyond, payloadSizes: [1])?.problem == .value)
        #expect(
            failure(NodeReport.self, zeros(17) + [2] + zeros(4))?.description
                == "The NodeReport's statistics flag is 2, neither 0 nor 1.")
    }

    @Test("a message that the peer would reject is not sent") func invalidMessageIsNotSent() {
        let long = String(repeating: "x", count: Limits.nameBytes + 1)
        for name in [long, "two\nlines"] {
            let hello = Hello(
                toolVersion: "1", name: name, threads: 1, hostName: "h", blasCore: "c",
                canary: Digest(zeros(32))!)
            #expect(throws: MessageError.self) { try hello.body() }
        }
    }

    @Test("reasons are cut and cleaned to fit") func reasonsAreCutToFit() throws {
        let reason = "Disk full.\u{1B}[2J\n" + String(repeating: "é", count: 4096)
        let refusal = Refusal(reason: reason)
        #expect(refusal.reason.hasPrefix("Disk full. [2J é"))
        #expect(refusal.reason.utf8.count <= Limits.sentenceBytes)
        #expect(try Refusal(body: refusal.body(), payloadSizes: []) == refusal)
    }
}
