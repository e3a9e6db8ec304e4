import Datasets
import PointClouds
import Synchronization
import Tensors
import Testing
import Training

/// Caches of scenes and examples, which save work and change no result.
@Suite struct SceneMemoryTests {
    /// Clouds of a hundred points, counting how often each is asked for.
    private final class Counting: SceneSource {
        let name = "counting"
        let classes = ["one", "two"]
        let channels = [ChannelSpecification("intensity")]
        let count = 4
        private let asked = Mutex([Int](repeating: 0, count: 4))

        /// The number of times that each scene was created.
        var counts: [Int] { asked.withLock { $0 } }

        func name(of index: Int) -> String { "\(index)" }

        func scene(at index: Int) throws -> Cloud {
            asked.withLock { $0[index] += 1 }
            var generator = CounterGenerator(
                seed: 1, sample: UInt64(index), purpose: .init("scene"))
            let points = (0..<100).map { _ in
                SIMD3(generator.uniform(), generator.uniform(), generator.uniform()) * 4
            }
            return Cloud(
                positions: points,
                channels: [.init(name: "intensity", values: points.map(\.x))],
                labels: points.map { $0.y > 2 ? 1 : 0 })
        }
    }

    private func loader(
        _ source: Counting, cache: String, views: String = "weak"
    ) throws -> ExampleLoader {
        try ExampleLoader(
            Recipe(
                yaml: """
                    data: {source: streets, cache: \(cache)}
                    grid: 0.4
                    points: 50
                    features: [position, intensity]
                    views: \(views)
                    student: {preset: tiny-student}
                    objectives: [task.cross-entropy]
                    steps: 10
                    """), source: source)
    }

    private func examples(_ loader: ExampleLoader) throws -> [Example] {
        try (0..<6).flatMap { step in
            try (0..<4).map { try loader.example(of: $0, step: step) }
        }
    }

    @Test(arguments: ["weak", "{count: 2}"])
    func resultsDoNotDependOnTheCache(views: String) throws {
        let plain = try examples(loader(Counting(), cache: "0", views: views))
        for cache in ["5 kB", "1 GB"] {
            let kept = try examples(loader(Counting(), cache: cache, views: views))
            for (a, b) in zip(plain, kept) {
                #expect(a.features.isBitIdentical(to: b.features))
                #expect(a.labels == b.labels && a.view == b.view)
                #expect(a.voxels.gridCoordinates == b.voxels.gridCoordinates)
            }
        }
    }

    @Test func scenesThatFitAreCreatedOnce() throws {
        let source = Counting()
        _ = try examples(loader(source, cache: "1 MB"))
        #expect(source.counts == [1, 1, 1, 1])
        let views = Counting()
        let seen = Set(
            try examples(loader(views, cache: "1 MB", views: "{count: 2}")).map {
                "\($0.name) \($0.view!)"
            })
        #expect(views.counts.reduce(0, +) == seen.count, "each view that was seen, once")
    }

    @Test func valuesBeyondTheLimitAreCreatedEachTime() throws {
        let source = Counting()
        _ = try examples(loader(source, cache: "0"))
        #expect(source.counts == [6, 6, 6, 6])
    }

    @Test func firstValuesStay() throws {
        // A scene takes 16 + 4 + 4 bytes a point: two fit.
        let source = Counting()
        _ = try examples(loader(source, cache: "5 kB"))
        #expect(source.counts == [1, 1, 6, 6])
    }
}
