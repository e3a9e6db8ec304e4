import Datasets
import Distillation
import Networks
package import PointClouds
import Tensors

/// A knowledge pack being made beforehand: every view of every sample of a split, one entry after
/// another, on any threads and in any order.
package struct PackMaking: Sendable {
    /// Where the samples come from.
    package let loader: ExampleLoader
    /// The views of each.
    package let views: FixedViews
    /// What the teacher is asked.
    package let question: TeacherQuery
    private let teacher: Teacher

    /// Entries that are compared with the live teacher, if there are as many.
    private static let comparisons = 16

    /// A pack over a loader's source.
    package init(
        _ loader: ExampleLoader, _ views: FixedViews, teacher: Teacher, _ question: TeacherQuery
    ) {
        self.loader = loader
        self.views = views
        self.teacher = teacher
        self.question = question
    }

    /// How many entries there will be.
    package var count: Int { loader.source.count * views.count }

    /// The example that an entry is about; the views of a sample follow one another.
    package func example(_ number: Int) throws -> Example {
        let (sample, view) = number.quotientAndRemainder(dividingBy: views.count)
        return try loader.example(of: sample, view: view, of: views)
    }

    /// What became of an entry.
    package struct Outcome: Sendable {
        /// Whether it had to be computed.
        package var isNew: Bool
        /// Its difference from what the teacher says now, where that was compared.
        package var difference: KnowledgeDifference?
    }

    /// Makes sure that an entry is in the pack, and with it that of the strong view, if there is one.
    ///
    /// Some, evenly spread and always the same, are compared with the teacher even if they are
    /// there.
    package func make(_ number: Int, in pack: KnowledgePack) throws -> Outcome {
        let example = try example(number)
        let stride = max(1, count / Self.comparisons)
        let compares = number % stride == 0 && number / stride < Self.comparisons
        var outcome = try make(example, in: pack, compares: compares)
        for other in example.shown.dropFirst() {
            outcome.isNew = try make(other, in: pack, compares: false).isNew || outcome.isNew
        }
        return outcome
    }

    private func make(
        _ example: Example, in pack: KnowledgePack, compares: Bool
    ) throws -> Outcome {
        if let known = try pack.recall(example, question) {
            guard compares else { return Outcome(isNew: false) }
            return Outcome(
                isNew: false,
                difference: KnowledgeDifference(live: try answer(on: example), kept: known))
        }
        let answer = try answer(on: example)
        let kept = try pack.keep(answer, of: example)
        guard try pack.holds(example, question) else {
            throw KnowledgeError(
                "The knowledge pack \(pack.folder) cannot be written to: look at its permissions "
                    + "and the room on its disk.")
        }
        return Outcome(
            isNew: true,
            difference: compares ? KnowledgeDifference(live: answer, kept: kept) : nil)
    }

    private func answer(on example: Example) throws -> Knowledge {
        let batch = try ExampleBatch([example], geometry: teacher.network.geometry)
        return teacher.knowledge(
            of: try batch.teacherScene(for: teacher.network.geometry), question)
    }

    /// About how many bytes all entries will have: the mean over a few samples, evenly spread.
    package func estimatedBytes() throws -> Int {
        let looks = min(loader.source.count, 8)
        let side = teacher.side
        let widths =
            try question.taps.map { (stage: $0.stage, width: try side.width(at: $0)) }
            + side.auxiliary.filter { question.heads.contains($0.tap) }
            .map { ($0.tap.stage, $0.width) }
        var total = 0
        for look in 0..<looks {
            let sample = look * loader.source.count / looks
            let example = try loader.example(of: sample, view: 0, of: views)
            let hierarchy = try network.geometry.hierarchy(
                gridCoordinates: [example.voxels.gridCoordinates])
            var bytes = 1024 + 2 * example.voxels.count * network.classes
            for (stage, width) in widths { bytes += 2 * hierarchy.stages[stage].rows * width }
            total += bytes * example.shown.count
        }
        return total / max(looks, 1) * count
    }

    private var network: any Network { teacher.network }
}
