package import Messages

/// A message as it stands on the wire: envelope, body, payloads.
package typealias Frames = [[UInt8]]

/// Valid messages of every kind, to be damaged.
package enum Corpus {
    private static let digest = Digest([UInt8](repeating: 0xA5, count: 32))!
    private static let terms = [
        ContributionTerm(
            term: 0, counts: [1.5, .nan], sums: [TensorShape(rows: 2, columns: 3)],
            gathered: [GatheredShape(place: 1, shape: TensorShape(rows: 1, columns: 4))]),
        ContributionTerm(term: 1, counts: [], sums: [], gathered: []),
    ]

    /// At least one message of every kind, with its payloads' sizes; `step` and `node` are those that
    /// results speak of, and `floats` the length of one bucket.
    private static func messages(
        step: UInt64, node: TreeNode, floats: Int
    ) -> [(message: any Message, payloads: [Int])] {
        let written = writtenMessages(step: step, node: node, floats: floats)
        let kinds = written.map { $0.message.kind }
        let samples = MessageCatalogue.messages.filter { !kinds.contains($0.kind) }.map { kind in
            var numbers = SampleNumbers()
            let message = kind.sample(&numbers)
            return (message as any Message, message.payloads.smallestSizes)
        }
        return written + samples
    }

    private static func writtenMessages(
        step: UInt64, node: TreeNode, floats: Int
    ) -> [(message: any Message, payloads: [Int])] {
        [
            (
                Hello(
                    toolVersion: "0.1.0", name: "kiln", threads: 2,
                    hostName: "höst", blasCore: "Haswell", canary: digest), []
            ),
            (
                Welcome(
                    workerID: 9, recipe: "seed: 7\n", seed: 7,
                    heartbeatTimeoutMilliseconds: 5000, teacherDigest: digest,
                    dataDigest: digest,
                    studentDigest: digest, bucketCount: 6), []
            ),
            (Refusal(reason: "No."), []),
            (AssetRequest(digest: digest, offset: 65536, length: 1 << 20), []),
            (AssetPart(digest: digest, offset: 0, total: 16), [16]),
            (WeightsBucket(version: step, bucket: 0, bucketCount: 2), [4 * floats]),
            (
                Messages.Lease(
                    step: step, nodes: [node],
                    shards: [
                        ShardPlan(
                            shard: 0,
                            samples: [SampleReference(sample: 5, place: 0, view: 1)])
                    ]), []
            ),
            (Contribution(step: step, node: node, terms: terms), [24, 16]),
            (
                Contribution(step: step, node: TreeNode(level: 0, index: 0), terms: []), []
            ),
            (Totals(step: step, round: 1, terms: terms), [24, 16]),
            (
                PartialSum(step: step, node: node, bucket: 0),
                [4 * floats]
            ),
            (
                PartialSum(
                    step: step, node: TreeNode(level: 1, index: 0),
                    bucket: 1), [64]
            ),
            (
                NodeReport(
                    step: step, node: node, values: [.nan, 2, 3, .infinity, 5],
                    hasStatistics: true, phases: [PhaseTime(phase: 2, nanoseconds: .max)],
                    peakBytes: .max, pageFaults: 5, buffers: 6), [64]
            ),
            (
                NodeReport(
                    step: step, node: node, values: [.nan, 0, 0, 0, -1], hasStatistics: false,
                    phases: []), []
            ),
            (Heartbeat(progress: 77, phase: 1), []),
            (HeartbeatReply(), []),
            (Stop(reason: "Done."), []),
            (WorkFailure(reason: "It fails.", isDivergence: false), []),
            (Goodbye(reason: "SIGTERM"), []),
            (
                EvaluationLease(weightsVersion: step, samples: [3, 1]), []
            ),
            (
                EvaluationResult(weightsVersion: step, sample: 0, classes: 2), [32]
            ),
            (StatusRequest(), []),
            (Status(json: "{\"step\":12}\n"), []),
            (SceneRequest(SceneReference(isForValidation: true, sample: 258)), []),
            (
                SceneOffer(
                    SceneReference(isForValidation: false, sample: 3),
                    .packed(digest, bytes: 515)), []
            ),
        ]
    }

    /// The kinds of the messages in the corpus.
    package static var kinds: Set<MessageKind> {
        Set(
            messages(step: 0, node: TreeNode(level: 0, index: 0), floats: 1).map { $0.message.kind }
        )
    }

    /// The messages' frames, those of another run, another epoch and another version among them.
    ///
    /// Every byte of a payload is 0xFF: at any alignment that is no finite number, so that nothing
    /// made from these can pass for a sound worker's result.
    package static func frames(
        run: RunID, epoch: UInt64, step: UInt64 = 12,
        node: TreeNode = TreeNode(level: 0, index: 0), floats: Int = 16
    ) throws -> [Frames] {
        let messages = messages(step: step, node: node, floats: floats)
        let lives = [(run, epoch), (run, epoch &- 1), (RunID(high: 1, low: 2), epoch), (.none, 0)]
        // Five in eight are of the run at hand: what others say is read no further.
        return try (0..<8).flatMap { place in
            let (run, epoch) = lives[place < 5 ? 0 : place - 4]
            return try messages.map { message, sizes in
                let (envelope, body) = try message.encode(
                    run: run, epoch: epoch, payloadSizes: sizes)
                return [envelope, body] + sizes.map { [UInt8](repeating: 0xFF, count: $0) }
            }
        }
    }
}
