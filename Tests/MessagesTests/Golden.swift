import Messages
import Testing

/// A message of every kind with its bytes on the wire.
///
/// The bytes were not made by the code under test. A change of the bytes changes the protocol and
/// must raise `Envelope.protocolVersion`.
struct Golden: Sendable, CustomTestStringConvertible {
    let message: any Message
    let payloadSizes: [Int]
    let envelope: String
    let body: String

    var testDescription: String { "\(type(of: message))" }

    static let run = RunID(high: 0x1112_1314_1516_1718, low: 0x0102_0304_0506_0708)
    static let epoch: UInt64 = 3
    private static let low = Digest(Array(0..<32))!
    private static let high = Digest(Array(224...255))!
    private static let terms = [
        ContributionTerm(
            term: 0, counts: [1.5, -2], sums: [TensorShape(rows: 2, columns: 3)],
            gathered: [GatheredShape(place: 7, shape: TensorShape(rows: 1, columns: 4))]),
        ContributionTerm(term: 5, counts: [], sums: [], gathered: []),
    ]

    static let all: [Golden] = [
        Golden(
            message: Hello(
                toolVersion: "0.1.0", name: "kiln", threads: 2,
                hostName: "höst", blasCore: "Haswell", canary: low),
            payloadSizes: [],
            envelope: "444e4a5505000100080706050403020118171615141312110300000000000000",
            body: """
                05000000302e312e30040000006b696c6e020000000500000068c3b673740700\
                000048617377656c6c000102030405060708090a0b0c0d0e0f10111213141516171819\
                1a1b1c1d1e1f
                """),
        Golden(
            message: Welcome(
                workerID: 9, recipe: "seed: 7\n", seed: 7, heartbeatTimeoutMilliseconds: 5000,
                teacherDigest: low, dataDigest: high, studentDigest: high,
                bucketCount: 6),
            payloadSizes: [],
            envelope: "444e4a5505000200080706050403020118171615141312110300000000000000",
            body: """
                0900000008000000736565643a20370a0700000000000000881300000100010203040506\
                0708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f01e0e1e2e3e4e5e6e7e8e9\
                eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeffe0e1e2e3e4e5e6e7e8e9eaebeced\
                eeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff06000000
                """),
        Golden(
            message: Refusal(reason: "No."),
            payloadSizes: [],
            envelope: "444e4a5505000300080706050403020118171615141312110300000000000000",
            body: "030000004e6f2e"),
        Golden(
            message: AssetRequest(digest: low, offset: 65536, length: 1048576),
            payloadSizes: [],
            envelope: "444e4a5505000400080706050403020118171615141312110300000000000000",
            body: """
                000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f00000100\
                0000000000001000
                """),
        Golden(
            message: AssetPart(digest: low, offset: 4, total: 10),
            payloadSizes: [6],
            envelope: "444e4a5505000500080706050403020118171615141312110300000000000000",
            body: """
                000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f04000000\
                000000000a00000000000000
                """),
        Golden(
            message: WeightsBucket(version: 258, bucket: 1, bucketCount: 2),
            payloadSizes: [8],
            envelope: "444e4a5505000600080706050403020118171615141312110300000000000000",
            body: "02010000000000000100000002000000"),
        Golden(
            message: Lease(
                step: 12, nodes: [TreeNode(level: 1, index: 3)],
                shards: [
                    ShardPlan(
                        shard: 6,
                        samples: [
                            SampleReference(sample: 0x0102_0304_0506_0708, place: 13, view: 2)
                        ]), ShardPlan(shard: 7, samples: []),
                ]),
            payloadSizes: [],
            envelope: "444e4a5505000700080706050403020118171615141312110300000000000000",
            body: """
                0c00000000000000010000000103000000020000\
                00060000000100000008070605040302010d000000020000000700000000000000
                """),
        Golden(
            message: Contribution(
                step: 12, node: TreeNode(level: 0, index: 6), round: 1, terms: terms),
            payloadSizes: [24, 16],
            envelope: "444e4a5505000800080706050403020118171615141312110300000000000000",
            body: """
                0c0000000000000000060000000102000000000002000000000000000000f83f0000000000\
                0000c0010000000200000003000000010000000700000001000000040000000500000000\
                000000000000000000
                """),
        Golden(
            message: Totals(step: 12, round: 1, terms: terms),
            payloadSizes: [24, 16],
            envelope: "444e4a5505000900080706050403020118171615141312110300000000000000",
            body: """
                0c000000000000000102000000000002000000000000000000f83f00000000000000c001\
                000000020000000300000001000000070000000100000004000000050000000000000000\
                0000000000
                """),
        Golden(
            message: PartialSum(
                step: 12, node: TreeNode(level: 1, index: 3), bucket: 5),
            payloadSizes: [4096],
            envelope: "444e4a5505000a00080706050403020118171615141312110300000000000000",
            body: "0c00000000000000010300000005000000"),
        Golden(
            message: NodeReport(
                step: 12, node: TreeNode(level: 0, index: 6), values: [0.5],
                hasStatistics: true, phases: [PhaseTime(phase: 2, nanoseconds: 1_000_000)],
                peakBytes: 0x1234, pageFaults: 5, buffers: 6),
            payloadSizes: [64],
            envelope: "444e4a5505000b00080706050403020118171615141312110300000000000000",
            body: """
                0c00000000000000000600000001000000000000000000e03f01010000000240420f0000\
                00000034120000000000000500000000000000060000000000000\
                0
                """),
        Golden(
            message: Heartbeat(progress: 77, phase: 4, threads: 12, workers: 3),
            payloadSizes: [],
            envelope: "444e4a5505000c00080706050403020118171615141312110300000000000000",
            body: "4d00000000000000040c00000003000000"),
        Golden(
            message: HeartbeatReply(),
            payloadSizes: [],
            envelope: "444e4a5505000d00080706050403020118171615141312110300000000000000",
            body: ""),
        Golden(
            message: Stop(reason: "Done."),
            payloadSizes: [],
            envelope: "444e4a5505000e00080706050403020118171615141312110300000000000000",
            body: "05000000446f6e652e"),
        Golden(
            message: Goodbye(reason: "SIGTERM"),
            payloadSizes: [],
            envelope: "444e4a5505000f00080706050403020118171615141312110300000000000000",
            body: "070000005349475445524d"),
        Golden(
            message: EvaluationLease(weightsVersion: 12, samples: [3, 1]),
            payloadSizes: [],
            envelope: "444e4a5505001000080706050403020118171615141312110300000000000000",
            body: "0c000000000000000200000003000000000000000100000000000000"),
        Golden(
            message: EvaluationResult(weightsVersion: 21, sample: 3, classes: 2),
            payloadSizes: [32],
            envelope: "444e4a5505001100080706050403020118171615141312110300000000000000",
            body: "1500000000000000030000000000000002000000"),
        Golden(
            message: StatusRequest(traced: true),
            payloadSizes: [],
            envelope: "444e4a5505001200080706050403020118171615141312110300000000000000",
            body: "01"),
        Golden(
            message: Status(json: "{\"step\":12}\n"),
            payloadSizes: [],
            envelope: "444e4a5505001300080706050403020118171615141312110300000000000000",
            body: "0c0000007b2273746570223a31327d0a"),
        Golden(
            message: SceneRequest(SceneReference(isForValidation: true, sample: 258)),
            payloadSizes: [],
            envelope: "444e4a5505001500080706050403020118171615141312110300000000000000",
            body: "010201000000000000"),
        Golden(
            message: SceneOffer(
                SceneReference(isForValidation: false, sample: 3), .packed(low, bytes: 515)),
            payloadSizes: [],
            envelope: "444e4a5505001600080706050403020118171615141312110300000000000000",
            body: """
                00030000000000000001000102030405060708090a0b0c0d0e0f10111213141516171819\
                1a1b1c1d1e1f0302000000000000
                """),
        Golden(
            message: WorkFailure(reason: "No.", isDivergence: true),
            payloadSizes: [],
            envelope: "444e4a5505001700080706050403020118171615141312110300000000000000",
            body: "030000004e6f2e01"),
    ]

    /// The two frames, from the hexadecimal digits.
    var frames: (envelope: [UInt8], body: [UInt8]) { (Self.bytes(envelope), Self.bytes(body)) }

    private static func bytes(_ digits: String) -> [UInt8] {
        let digits = digits.utf8.map { UInt8($0 < 0x3A ? $0 - 0x30 : $0 - 0x57) }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
