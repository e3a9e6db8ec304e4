import Datasets
package import Distillation
package import Messages
import Telemetry
import Tensors
package import Training
import ZeroMQ

// Translation between the values of the state machines and the fields of messages.

extension Messages.TreeNode {
    init(_ node: Training.TreeNode) {
        self.init(level: UInt8(node.level), index: UInt32(node.index))
    }

    /// The node of a tree over so many micro-shards; nil if the tree has no such node.
    func node(shards: Int) -> Training.TreeNode? {
        let node = Training.TreeNode(level: Int(level), index: Int(index))
        let root = Training.TreeNode.root(shards: shards)
        return root.covers(node) && !node.shards(of: shards).isEmpty ? node : nil
    }
}

extension Messages.Lease {
    init(_ lease: Lease) {
        self.init(
            step: UInt64(lease.step),
            nodes: lease.nodes.map(Messages.TreeNode.init),
            shards: lease.shards.map { shard in
                ShardPlan(
                    shard: UInt32(shard.shard),
                    samples: shard.samples.map {
                        Messages.SampleReference(
                            sample: UInt64($0.sample), place: UInt32($0.place),
                            view: UInt32($0.view))
                    })
            })
    }

    /// The lease of a step of so many micro-shards; nil if the tree over them lacks one of its nodes.
    package func lease(shards count: Int) -> Lease? {
        let nodes = nodes.compactMap { $0.node(shards: count) }
        guard nodes.count == self.nodes.count, step <= UInt64(Int32.max) else { return nil }
        return Lease(
            step: Int(step), nodes: nodes,
            shards: shards.map { shard in
                Lease.Shard(
                    shard: Int(shard.shard),
                    samples: shard.samples.map {
                        SampleReference(
                            sample: Int(clamping: $0.sample), place: Int($0.place),
                            view: Int($0.view))
                    })
            })
    }
}

extension ContributionTerm {
    package init(_ part: Distillation.Contribution, term: Int) {
        self.init(
            term: UInt16(term), counts: part.counts,
            sums: part.sums.map {
                TensorShape(rows: UInt32($0.rows), columns: UInt32($0.columns))
            },
            gathered: part.gathered.map {
                GatheredShape(
                    place: UInt32($0.place),
                    shape: TensorShape(
                        rows: UInt32($0.tensor.rows), columns: UInt32($0.tensor.columns)))
            })
    }

    /// The contribution whose payloads come first; removes those.
    func contribution(_ payloads: inout ArraySlice<Frame>) throws -> Distillation.Contribution {
        func next(_ shape: TensorShape) throws -> Tensor {
            guard let frame = payloads.popFirst(),
                let tensor = Tensor(
                    rows: Int(shape.rows), columns: Int(shape.columns), frame: frame)
            else { throw MessageError(.payloads, "A contribution is short of payloads.") }
            return tensor
        }
        let tensors = try sums.map(next)
        return try Distillation.Contribution(
            shape: .init(
                counts: counts.count, sums: sums.map { [Int($0.rows), Int($0.columns)] },
                gathered: gathered.map {
                    [Int($0.place), Int($0.shape.rows), Int($0.shape.columns)]
                }),
            counts: counts, tensors: tensors + gathered.map { try next($0.shape) })
    }
}

extension WireMessage {
    static func contribution(
        step: Int, node: Training.TreeNode, round: Int, _ parts: [Distillation.Contribution]
    ) -> WireMessage {
        WireMessage(
            Messages.Contribution(
                step: UInt64(step), node: Messages.TreeNode(node), round: UInt8(round),
                terms: terms(parts)),
            tensors: parts.flatMap(\.tensors))
    }

    static func totals(step: Int, round: Int, _ totals: [Distillation.Totals]) -> WireMessage {
        let parts = totals.map(\.whole)
        return WireMessage(
            Messages.Totals(step: UInt64(step), round: UInt8(round), terms: terms(parts)),
            tensors: parts.flatMap(\.tensors))
    }

    /// The contributions of terms, with this message's payloads.
    package func contributions(_ terms: [ContributionTerm]) throws -> [Distillation.Contribution] {
        var rest = payloads[...]
        return try terms.map { try $0.contribution(&rest) }
    }

    static func bucket(version: Int, index: Int, of count: Int, _ tensor: Tensor) -> WireMessage {
        WireMessage(
            WeightsBucket(
                version: UInt64(version), bucket: UInt32(index), bucketCount: UInt32(count)),
            tensors: [tensor])
    }

    static func partial(
        step: Int, node: Training.TreeNode, bucket: Int, _ tensor: Tensor, _ wire: GradientWire
    ) -> WireMessage {
        WireMessage(
            PartialSum(
                step: UInt64(step),
                node: Messages.TreeNode(node), bucket: UInt32(bucket)),
            tensors: [wire.packed(tensor)])
    }

    static func report(
        step: Int, node: Training.TreeNode, _ report: ShardReport, _ layout: StatisticsLayout
    ) -> WireMessage {
        let memory = MemoryUse.ofThisProcess(buffers: PoolCounts.now.systemAllocations)
        // A frozen student's normalisations have no statistics to update.
        let statistics = layout.count > 0 ? [layout.packed(report.moments)] : []
        return WireMessage(
            NodeReport(
                step: UInt64(step), node: Messages.TreeNode(node), values: report.values,
                hasStatistics: !statistics.isEmpty, phases: report.times.wire,
                peakBytes: UInt64(memory.peakBytes), pageFaults: UInt64(memory.pageFaults),
                buffers: UInt64(memory.buffers)),
            tensors: statistics)
    }

    static func evaluated(version: Int, sample: Int, _ matrix: ConfusionMatrix) -> WireMessage {
        let bytes = matrix.counts.flatMap { count in
            (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
        }
        return WireMessage(
            EvaluationResult(
                weightsVersion: UInt64(version), sample: UInt64(sample),
                classes: UInt32(matrix.classes)),
            payloads: [Frame(bytes)])
    }
}

extension WireMessage {
    /// The message of a worker's or relay's action; nil for actions that are not messages.
    package init?(
        _ action: WorkerMachine.Action, _ wire: GradientWire, _ statistics: StatisticsLayout
    ) {
        switch action {
        case .sendContribution(let step, let node, let round, let parts):
            self = .contribution(step: step, node: node, round: round, parts)
        case .sendPartial(let step, let node, let bucket, let gradient):
            self = .partial(step: step, node: node, bucket: bucket, gradient, wire)
        case .sendReport(let step, let node, let report):
            self = .report(step: step, node: node, report, statistics)
        case .sendEvaluated(let version, let sample, let matrix):
            self = .evaluated(version: version, sample: sample, matrix)
        case .compute, .rehearse, .respond, .resume, .forget, .label: return nil
        }
    }
}

extension WorkerMachine.Event {
    /// The event that a message means to a worker in steps of so many micro-shards; nil for messages that
    /// are not about work, and for steps that no run reaches.
    init?(_ parcel: WireMessage, shards: Int) throws {
        func step(_ number: UInt64) -> Int? { Int32(exactly: number).map { Int($0) } }
        switch parcel.message {
        case let bucket as WeightsBucket:
            guard let version = step(bucket.version) else { return nil }
            self = .bucket(
                version: version, index: Int(bucket.bucket),
                Tensor(flat: parcel.payloads[0]))
        case let lease as Messages.Lease:
            guard let lease = lease.lease(shards: shards) else { return nil }
            self = .lease(lease)
        case let totals as Messages.Totals:
            guard let step = step(totals.step) else { return nil }
            self = .totals(
                step: step, round: Int(totals.round),
                try parcel.contributions(totals.terms).map { Distillation.Totals($0) })
        case let lease as EvaluationLease:
            guard let version = step(lease.weightsVersion) else { return nil }
            self = .evaluate(
                version: version,
                samples: lease.samples.map { Int(clamping: $0) })
        default: return nil
        }
    }
}

extension Hello {
    /// The difference of its sender's arithmetic from a run's; nil if there is none.
    ///
    /// - Parameter expected: the hash of the run's canary computation.
    func numericsMismatch(expecting expected: String) -> NumericsMismatch? {
        let found = "\(canary)"
        guard found != expected else { return nil }
        return NumericsMismatch(
            worker: fullName, version: toolVersion, found: found, expected: expected)
    }
}

private func terms(_ parts: [Distillation.Contribution]) -> [ContributionTerm] {
    parts.enumerated().map { ContributionTerm($1, term: $0) }
}

extension ConfusionMatrix {
    /// The matrix of a payload's little-endian counts.
    init(classes: Int, payload: Frame) {
        let bytes = payload.bytes
        self.init(
            classes: classes,
            counts: (0..<classes * classes).map { place in
                (0..<8).reduce(0) { $0 | UInt64(bytes[8 * place + $1]) << UInt64(8 * $1) }
            })
    }
}

extension ShardTimes {
    var wire: [PhaseTime] {
        ShardPhase.allCases.map { PhaseTime(phase: $0.rawValue, nanoseconds: self[$0].nanoseconds) }
    }

    init(wire: [PhaseTime]) {
        self.init()
        for time in wire {
            guard let phase = ShardPhase(rawValue: time.phase) else { continue }
            self[phase] += .nanoseconds(Int64(clamping: time.nanoseconds))
        }
    }
}

extension Duration {
    /// Whole nanoseconds, clamped to the range of the type.
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        let (whole, isTooLong) = UInt64(max(0, seconds)).multipliedReportingOverflow(
            by: 1_000_000_000)
        let (sum, isLonger) = whole.addingReportingOverflow(
            UInt64(max(0, attoseconds)) / 1_000_000_000)
        return isTooLong || isLonger ? .max : sum
    }

    /// Seconds.
    var seconds: Double { Double(nanoseconds) * 1e-9 }
}

extension Hello {
    /// The sender as records name it.
    ///
    /// Labels of metrics and tables hold it: a worker must not choose how long they are.
    var fullName: String { "\(hostName.cut(to: 64))/\(name.cut(to: 64))" }
}

extension String {
    /// The text, or its beginning and an ellipsis if it has more bytes of UTF-8.
    fileprivate func cut(to bytes: Int) -> String {
        guard utf8.count > bytes else { return self }
        // By scalars: a character may have any number of combining marks.
        var count = "…".utf8.count
        let kept = unicodeScalars.prefix { scalar in
            count += UTF8.width(scalar)
            return count <= bytes
        }
        return String(kept) + "…"
    }
}

extension SceneReference {
    init(_ scene: Int, _ split: Split) {
        self.init(isForValidation: split == .validation, sample: UInt64(scene))
    }
}
