package import Distillation
import Networks
import Synchronization

/// Source of the teacher's outputs for a run's micro-shards: the network itself, a knowledge pack, or
/// both.
package struct TeacherProvider: Sendable {
    private enum Source: Sendable {
        /// The teacher runs for each micro-shard.
        case live(Teacher)
        /// The teacher runs, cloud by cloud, for entries that the pack lacks.
        case growing(KnowledgePack, LazyTeacher)
        /// The pack holds every entry.
        case complete(KnowledgePack)
    }

    /// The teacher's taps, heads and geometry.
    package let side: NetworkPair.Side
    /// The outputs that are requested.
    package private(set) var query = TeacherQuery(taps: [])
    private let source: Source

    /// A provider that runs the teacher for every micro-shard.
    package init(live teacher: Teacher) {
        source = .live(teacher)
        side = teacher.side
    }

    /// A provider that adds missing entries to a pack.
    ///
    /// - Parameter teacher: called once, when the first entry is missing.
    package init(
        growing pack: KnowledgePack, teacher: @escaping @Sendable () throws -> Teacher
    ) {
        source = .growing(pack, LazyTeacher(teacher))
        side = pack.side
    }

    /// A provider that reads a complete pack.
    package init(complete pack: KnowledgePack) {
        source = .complete(pack)
        side = pack.side
    }

    /// The same provider with the query of a plan.
    package func configured(for plan: ObjectivePlan) -> TeacherProvider {
        var configured = self
        configured.query = TeacherQuery(plan, of: side)
        return configured
    }

    private var pack: KnowledgePack? {
        switch source {
        case .live: nil
        case .growing(let pack, _), .complete(let pack): pack
        }
    }

    /// The example with the outputs that a pack holds for it and its strong view; unchanged without a
    /// pack.
    ///
    /// Called ahead of time, so that reading the pack does not delay the step.
    package func attachingStoredOutputs(to example: Example) throws -> Example {
        guard let pack else { return example }
        var example = example
        example.teacherOutputs = try pack.outputs(for: example, query)
        example.strongTeacherOutputs = try example.strongExample.flatMap {
            try pack.outputs(for: $0, query)
        }
        return example
    }

    /// The teacher's outputs for a micro-shard's clouds: rows are voxels, cloud after cloud.
    func outputs(for batch: ExampleBatch) throws -> NetworkOutputs {
        switch source {
        case .live(let teacher):
            return teacher.outputs(for: try batch.teacherScene(for: side.geometry), query)
        case .growing(let pack, let late):
            return NetworkOutputs(
                stacking: try batch.examples.map { example in
                    try example.teacherOutputs ?? pack.outputs(for: example, query)
                        ?? pack.store(
                            outputs(of: late.teacher, for: example, in: batch), for: example)
                })
        case .complete(let pack):
            return NetworkOutputs(
                stacking: try batch.examples.map { example in
                    guard
                        let stored = try example.teacherOutputs ?? pack.outputs(for: example, query)
                    else { preconditionFailure("A complete pack returns outputs or throws.") }
                    return stored
                })
        }
    }

    /// The teacher's outputs for one cloud alone.
    private func outputs(
        of teacher: Teacher, for example: Example, in batch: ExampleBatch
    ) throws -> NetworkOutputs {
        // The shapes of the products decide the last bits of a row, so an entry that is stored must
        // not depend on the other clouds of the micro-shard that happened to need it first.
        let scene =
            // A batch of one cloud already has the scene of that cloud alone.
            batch.examples.count == 1
            ? try batch.teacherScene(for: side.geometry)
            : try ExampleBatch([example], geometry: side.geometry).teacherScene(
                for: side.geometry)
        return teacher.outputs(for: scene, query)
    }
}

/// A teacher whose weights are read on first use, and never if the pack proves complete.
private final class LazyTeacher: Sendable {
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
