import Datasets
import PointClouds
import Tensors
import Testing
import Training

/// With a number of views a sample looks the same in every run that takes the same view.
@Suite struct FixedViewTests {
    private func loader(_ views: String, seed: Int = 5) throws -> ExampleLoader {
        let yaml = TinyRun.yaml(objectives: "- relation.dense", more: "views: \(views)")
        let recipe = try Recipe(yaml: yaml, seed: UInt64(seed))
        return try ExampleLoader(
            recipe, source: SourceCatalogue.open(recipe.data, split: .training))
    }

    private func same(_ a: Example, _ b: Example) -> Bool {
        a.features.isBitIdentical(to: b.features) && a.labels == b.labels
            && a.voxels.gridCoordinates == b.voxels.gridCoordinates
    }

    @Test func viewsOfASampleAreCounted() throws {
        let loader = try loader("{name: strong, count: 3, seed: 1}")
        var seen: [Int: Example] = [:]
        for step in 0..<16 {
            let example = try loader.example(of: 2, step: step)
            let view = try #require(example.view)
            #expect((0..<3).contains(view))
            if let known = seen[view] { #expect(same(known, example), "step \(step)") }
            seen[view] = example
        }
        #expect(seen.count == 3, "each view has its turn")
        #expect(!same(seen[0]!, seen[1]!) && !same(seen[1]!, seen[2]!))
    }

    @Test func allSeedsShareTheFixedViewsInAnotherOrder() throws {
        let (one, other) = (
            try loader("{count: 4, seed: 9}"), try loader("{count: 4, seed: 9}", seed: 6)
        )
        let fixed = FixedViews(count: 4, seed: 9)
        for view in 0..<2 {
            #expect(
                same(
                    try one.example(of: 1, view: view, of: fixed),
                    try other.example(of: 1, view: view, of: fixed)))
        }
        let orders = [one, other].map { loader in
            (0..<20).map { fixed.number(seed: loader.seed, step: $0, sample: 1) }
        }
        #expect(orders[0] != orders[1])
    }

    @Test func moreViewsKeepTheFirstOnes() throws {
        let loader = try loader("{count: 4, seed: 9}")
        let few = try loader.example(of: 0, view: 2, of: FixedViews(count: 4, seed: 9))
        let many = try loader.example(of: 0, view: 2, of: FixedViews(count: 8, seed: 9))
        let others = try loader.example(of: 0, view: 2, of: FixedViews(count: 4, seed: 10))
        #expect(same(few, many) && !same(few, others))
    }

    @Test func samplesTakeTheirViewsIndependently() throws {
        let fixed = FixedViews(count: 2, seed: 0)
        let numbers = (0..<64).map { sample in
            (0..<8).map { fixed.number(seed: 1, step: $0, sample: UInt64(sample)) }
        }
        #expect(Set(numbers).count > 40)
        let ones = numbers.joined().reduce(0, +)
        #expect((200...312).contains(ones), "of 512 draws")
    }

    @Test func viewsWithoutACountAreNewAtEveryStep() throws {
        let loader = try loader("weak")
        let first = try loader.example(of: 0, step: 0)
        #expect(first.view == nil)
        #expect(same(first, try loader.example(of: 0, step: 0)))
        #expect(!same(first, try loader.example(of: 0, step: 1)))
    }
}
