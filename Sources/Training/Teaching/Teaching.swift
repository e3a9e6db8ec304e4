public import Distillation
public import Networks
import Synchronization

/// How the teacher's word reaches the micro-shards of a run.
public struct Teaching: Sendable {
    private enum Source: Sendable {
        /// The teacher is asked about each micro-shard anew.
        case live(Teacher)
        /// What the pack lacks the teacher is asked, cloud by cloud.
        case growing(KnowledgePack, LateTeacher)
        /// The pack lacks nothing.
        case complete(KnowledgePack)
    }

    /// The teacher's network.
    public let network: any Network
    /// Where the teacher's features are wanted.
    public private(set) var taps: [Tap] = []
    /// Whether it is asked what its auxiliary heads say.
    private var auxiliary = false
    private let source: Source

    /// A teacher that is asked anew for every micro-shard.
    public init(live teacher: Teacher) {
        source = .live(teacher)
        network = teacher.network
    }

    /// A pack that is added to.
    ///
    /// - Parameter teacher: called once, when first something is not there.
    public init(
        growing pack: KnowledgePack, teacher: @escaping @Sendable () throws -> Teacher
    ) {
        source = .growing(pack, LateTeacher(teacher))
        network = pack.network
    }

    /// A pack that holds everything.
    public init(complete pack: KnowledgePack) {
        source = .complete(pack)
        network = pack.network
    }

    /// The same, asked for what a plan reads.
    public func asked(for plan: ObjectivePlan) -> Teaching {
        var asked = self
        asked.taps = plan.teacherTaps
        asked.auxiliary = plan.needs.contains(.teacherAuxiliary)
        return asked
    }

    /// The teacher as objectives know it before a run begins.
    ///
    /// Knowledge packs hold nothing of auxiliary heads.
    public var side: NetworkPair.Side {
        if case .live(let teacher) = source { return teacher.side }
        return .init(network)
    }

    /// The example with what a pack holds about it, read ahead of time; as it is where nothing is
    /// kept.
    public func recalling(_ example: Example) throws -> Example {
        var example = example
        switch source {
        case .live: break
        case .growing(let pack, _), .complete(let pack):
            example.knowledge = try example.knowledge ?? pack.recall(example, at: taps)
        }
        return example
    }

    /// What the teacher says about a micro-shard's clouds: rows are voxels, cloud after cloud.
    func knowledge(of batch: ExampleBatch) throws -> Knowledge {
        switch source {
        case .live(let teacher):
            return teacher.knowledge(
                of: try batch.scene(for: network.geometry), at: taps, auxiliary: auxiliary)
        case .growing, .complete:
            return Knowledge(stacking: try batch.examples.map { try knowledge(of: $0, in: batch) })
        }
    }

    private func knowledge(of example: Example, in batch: ExampleBatch) throws -> Knowledge {
        if let known = try recalling(example).knowledge { return known }
        guard case .growing(let pack, let late) = source else {
            preconditionFailure("A complete pack knows or throws.")
        }
        let teacher = try late.teacher
        // Cloud by cloud, whatever the micro-shard: which products a cloud's rows stand in, and so
        // their last bits, must not depend on the clouds beside it.
        let scene =
            batch.examples.count == 1
            ? try batch.scene(for: network.geometry)
            : try ExampleBatch([example], geometry: network.geometry).scene
        return try pack.keep(teacher.knowledge(of: scene, at: taps), of: example)
    }
}

/// A teacher whose weights are read when they are first needed: not at all where a pack has
/// everything.
private final class LateTeacher: Sendable {
    private let open: @Sendable () throws -> Teacher
    private let opened = Mutex<Teacher?>(nil)

    init(_ open: @escaping @Sendable () throws -> Teacher) { self.open = open }

    var teacher: Teacher {
        get throws {
            try opened.withLock { opened in
                if let opened { return opened }
                let teacher = try open()
                opened = teacher
                return teacher
            }
        }
    }
}
