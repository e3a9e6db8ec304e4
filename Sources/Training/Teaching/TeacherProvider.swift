package import Distillation
import Synchronization

/// How the teacher's word reaches the micro-shards of a run.
package struct TeacherProvider: Sendable {
    private enum Source: Sendable {
        /// The teacher is asked about each micro-shard anew.
        case live(Teacher)
        /// What the pack lacks the teacher is asked, cloud by cloud.
        case growing(KnowledgePack, LazyTeacher)
        /// The pack lacks nothing.
        case complete(KnowledgePack)
    }

    /// The teacher as objectives know it before a run begins.
    package let side: NetworkPair.Side
    /// What it is asked.
    package private(set) var question = TeacherQuery(taps: [])
    private let source: Source

    /// A teacher that is asked anew for every micro-shard.
    package init(live teacher: Teacher) {
        source = .live(teacher)
        side = teacher.side
    }

    /// A pack that is added to.
    ///
    /// - Parameter teacher: called once, when first something is not there.
    package init(
        growing pack: KnowledgePack, teacher: @escaping @Sendable () throws -> Teacher
    ) {
        source = .growing(pack, LazyTeacher(teacher))
        side = pack.side
    }

    /// A pack that holds everything.
    package init(complete pack: KnowledgePack) {
        source = .complete(pack)
        side = pack.side
    }

    /// The same, asked for what a plan reads.
    package func asked(for plan: ObjectivePlan) -> TeacherProvider {
        var asked = self
        asked.question = TeacherQuery(plan, of: side)
        return asked
    }

    private var pack: KnowledgePack? {
        switch source {
        case .live: nil
        case .growing(let pack, _), .complete(let pack): pack
        }
    }

    /// The example with what a pack holds about it and its strong view, read ahead of time; as it is
    /// where nothing is kept.
    package func recalling(_ example: Example) throws -> Example {
        guard let pack else { return example }
        var example = example
        example.knowledge = try pack.recall(example, question)
        example.strongKnowledge = try example.strongExample.flatMap {
            try pack.recall($0, question)
        }
        return example
    }

    /// What the teacher says about a micro-shard's clouds: rows are voxels, cloud after cloud.
    func knowledge(of batch: ExampleBatch) throws -> Knowledge {
        switch source {
        case .live(let teacher):
            return teacher.knowledge(of: try batch.teacherScene(for: side.geometry), question)
        case .growing(let pack, let late):
            return Knowledge(
                stacking: try batch.examples.map { example in
                    try example.knowledge ?? pack.recall(example, question)
                        ?? pack.keep(answer(of: late.teacher, on: example, in: batch), of: example)
                })
        case .complete(let pack):
            return Knowledge(
                stacking: try batch.examples.map { example in
                    guard let known = try example.knowledge ?? pack.recall(example, question)
                    else { preconditionFailure("A complete pack knows or throws.") }
                    return known
                })
        }
    }

    /// What the teacher says about one cloud by itself, whatever the micro-shard: which products its
    /// rows stand in, and so their last bits, must not depend on the clouds beside it.
    private func answer(
        of teacher: Teacher, on example: Example, in batch: ExampleBatch
    ) throws -> Knowledge {
        let scene =
            batch.examples.count == 1
            ? try batch.teacherScene(for: side.geometry)
            : try ExampleBatch([example], geometry: side.geometry).teacherScene(
                for: side.geometry)
        return teacher.knowledge(of: scene, question)
    }
}

/// A teacher whose weights are read when they are first needed: not at all where a pack has
/// everything.
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
