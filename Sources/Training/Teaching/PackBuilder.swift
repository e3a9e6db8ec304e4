import Datasets
import Distillation
import Networks
package import PointClouds
import Tensors

/// Builds a knowledge pack ahead of training: one entry for every view of every sample of a split, on
/// any threads and in any order.
package struct PackBuilder: Sendable {
    /// The loader of samples.
    package let loader: ExampleLoader
    /// The views of each sample.
    package let views: FixedViews
    /// The outputs to store.
    package let query: TeacherQuery
    private let teacher: Teacher

    /// Entries that are compared with the live teacher, at most.
    private static let comparisons = 16

    /// A pack over a loader's source.
    package init(
        _ loader: ExampleLoader, _ views: FixedViews, teacher: Teacher, _ query: TeacherQuery
    ) {
        self.loader = loader
        self.views = views
        self.teacher = teacher
        self.query = query
    }

    /// The number of entries.
    package var count: Int { loader.source.count * views.count }

    /// The example of an entry; the views of a sample are consecutive.
    package func example(_ number: Int) throws -> Example {
        let (sample, view) = number.quotientAndRemainder(dividingBy: views.count)
        return try loader.example(of: sample, view: view, of: views)
    }

    /// Result of building one entry.
    package struct Outcome: Sendable {
        /// Whether the entry had to be computed.
        package var isNew: Bool
        /// Its difference from the live teacher's outputs, where they were compared.
        package var difference: KnowledgeDifference?
    }

    /// Adds an entry, and that of the strong view if there is one, unless the pack has them.
    ///
    /// A few entries, evenly spread and the same in every run, are compared with the live teacher even
    /// if they were already present.
    package func make(_ number: Int, in pack: KnowledgePack) throws -> Outcome {
        let example = try example(number)
        // A pack of fewer entries than comparisons compares all of them.
        let stride = max(1, count / Self.comparisons)
        let compares = number % stride == 0 && number / stride < Self.comparisons
        var outcome = try make(example, in: pack, compares: compares)
        for other in example.teacherExamples.dropFirst() {
            outcome.isNew = try make(other, in: pack, compares: false).isNew || outcome.isNew
        }
        return outcome
    }

    private func make(
        _ example: Example, in pack: KnowledgePack, compares: Bool
    ) throws -> Outcome {
        if let stored = try pack.outputs(for: example, query) {
            guard compares else { return Outcome(isNew: false) }
            return Outcome(
                isNew: false,
                difference: KnowledgeDifference(
                    live: try liveOutputs(for: example), stored: stored))
        }
        let live = try liveOutputs(for: example)
        let stored = try pack.store(live, for: example)
        // A growing pack only notes entries that it cannot write; a complete one must have them all.
        guard try pack.holds(example, query) else {
            throw KnowledgeError(
                "The knowledge pack \(pack.folder) cannot be written to: look at its permissions "
                    + "and the room on its disk.")
        }
        return Outcome(
            isNew: true,
            difference: compares ? KnowledgeDifference(live: live, stored: stored) : nil)
    }

    private func liveOutputs(for example: Example) throws -> NetworkOutputs {
        let batch = try ExampleBatch([example], geometry: teacher.network.geometry)
        return teacher.outputs(
            for: try batch.teacherScene(for: teacher.network.geometry), query)
    }

    /// The estimated bytes of all entries, from a few samples, evenly spread.
    package func estimatedBytes() throws -> Int {
        let looks = min(loader.source.count, 8)
        let side = teacher.side
        let widths =
            try query.taps.map { (stage: $0.stage, width: try side.width(at: $0)) }
            + side.auxiliary.filter { query.heads.contains($0.tap) }
            .map { ($0.tap.stage, $0.width) }
        var total = 0
        for look in 0..<looks {
            let sample = look * loader.source.count / looks
            let example = try loader.example(of: sample, view: 0, of: views)
            let hierarchy = try network.geometry.hierarchy(
                gridCoordinates: [example.voxels.gridCoordinates])
            var bytes = 1024 + 2 * example.voxels.count * network.classes
            for (stage, width) in widths { bytes += 2 * hierarchy.stages[stage].rows * width }
            total += bytes * example.teacherExamples.count
        }
        return total / max(looks, 1) * count
    }

    private var network: any Network { teacher.network }
}
