import Checkpoints
import Datasets
import Dispatch
import Distillation
import Files
import Foundation
import Networks
import Synchronization
import Tensors
import Training

/// Run that is small enough for a test.
struct TinyRun {
    let recipe: Recipe
    let loader: ExampleLoader
    let context: ShardContext
    let student: any Network

    static let everything = """
        - task.cross-entropy
        - task.lovasz: 0.5
        - semantic.soft-targets: {weight: 0.3, temperature: 2}
        - relation.dense: 0.5
        - relation.cross-sample
        """

    /// A recipe over streets of a few hundred points; `objectives` are the lines of its list.
    static func yaml(objectives: String, more: String = "") -> String {
        """
        seed: 5
        data:
          source: streets
          scenes: {training: 6, validation: 2}
          options: {beams: 16, azimuth-steps: 64, range: 15}
        grid: 0.4
        points: 120
        features: [position, intensity]
        student:
          stride: [2]
          enc_depths: [1, 1]
          enc_channels: [8, 16]
          enc_num_head: [1, 2]
          dec_depths: [1]
          dec_channels: [8]
          dec_num_head: [1]
          patch_size: 32
          order: [z, hilbert]
        teacher: {model: nowhere}
        objectives:
        \(objectives)
        steps: 4
        batch: 4
        \(more)
        """
    }

    /// A run of a recipe with these objectives and lines, or of another sum of objectives.
    ///
    /// - Parameters:
    ///   - provider: the source of the teacher's outputs; live if nil.
    ///   - heads: auxiliary heads the teacher was stored with.
    init(
        objectives: String = Self.everything, more: String = "", sum: WeightedSum? = nil,
        provider: ((Teacher) throws -> TeacherProvider)? = nil,
        heads: (any Network) throws -> StoredHeads? = { _ in nil }
    ) throws {
        recipe = try Recipe(yaml: Self.yaml(objectives: objectives, more: more))
        let source = try SourceCatalogue.open(recipe.data, split: .training)
        let sum = sum ?? recipe.objectives
        loader = try ExampleLoader(recipe, source: source, needs: sum.needs)
        student = try recipe.studentNetwork(classes: source.classes.count, inputs: loader.inputs)
        // A teacher of the student's make, with weights of its own.
        let teacher = try Teacher(
            network: student, weights: student.initialWeights(seed: 99),
            heads: try heads(student))
        let plan = try ObjectivePlan(
            sum,
            for: NetworkPair(
                student: .init(student), teacher: teacher.side, taps: recipe.taps,
                classes: student.classes))
        context = ShardContext(
            provider: try (provider?(teacher) ?? TeacherProvider(live: teacher)).configured(
                for: plan),
            plan: plan, parameters: RunParameters(student, plan, scope: recipe.scope),
            seed: recipe.seed)
    }

    /// The description of a test's pack.
    func description(
        teacher: String = "a teacher", canary: String = "0123", tool: String = "1",
        heads: StoredHeads.Places? = nil
    ) throws -> PackDescription {
        PackDescription(
            origin: .init(
                teacher: SHA256(of: teacher), classes: student.classes,
                numerics: NumericsFingerprint(blasCore: "Core", kernels: "v3", canary: canary),
                precision: .float32, tool: tool),
            network: try networkRecipe, heads: heads)
    }

    /// The student's and the teacher's network as files describe it.
    var networkRecipe: NetworkRecipe {
        get throws {
            let network = student as! PointTransformerV3
            let text = try JSONEncoder().encode(network.configuration)
            return try JSONDecoder().decode(NetworkRecipe.self, from: text)
        }
    }

    var learner: Learner {
        Learner(
            context.parameters, weights: student.initialWeights(seed: recipe.seed),
            own: context.plan.initialWeights(seed: recipe.seed), optimiser: recipe.optimiser,
            average: recipe.average)
    }

    /// Gradients and report of a mini-batch.
    struct Step: Sendable {
        var gradients: [Tensor]
        var report: ShardReport
    }

    /// A step over micro-shards of the given places, each computed by one of so many threads.
    func step(
        _ step: Int = 0, of learner: Learner, shards: [Range<Int>], threads: Int = 1
    ) throws -> Step {
        let average = context.plan.needs.contains(.average) ? learner.averagedWeights : nil
        return try self.step(
            step,
            weights: StepWeights(
                student: learner.weights, own: learner.ownWeights, average: average),
            shards: shards, threads: threads)
    }

    /// The same with weights of any origin.
    func step(
        _ step: Int = 0, weights: StepWeights, shards: [Range<Int>], threads: Int = 1
    ) throws -> Step {
        let computations = try inParallel(shards.count, threads: threads) { shard in
            Hand(
                try ShardComputation(
                    context, weights: weights, step: step,
                    examples: try shards[shard].map { ($0, try loader.example(of: $0, step: step)) }
                ))
        }
        func exchange(_ speak: (ShardComputation) throws -> [Contribution]) throws -> [Contribution]
        {
            let parts = try computations.map { try speak($0.computation) }
            return try context.objectives.terms.indices.map { term in
                try Contribution.total(of: parts.map { $0[term] })
            }
        }
        var totals = try exchange { try $0.contributions() }.map { Totals($0) }
        if context.objectives.exchanges > 1 {
            let first = totals
            let responses = try exchange { try $0.responses(to: first) }
            totals = zip(first, responses).map { Totals($0.whole, responses: $1) }
        }
        let results = try inParallel(shards.count, threads: threads) { [totals] shard in
            var gradients = [Tensor?](repeating: nil, count: context.layout.buckets.count)
            let report = try computations[shard].computation.backward(given: totals) {
                precondition(gradients[$0] == nil, "A bucket came twice.")
                gradients[$0] = $1
            }
            return Step(gradients: gradients.map { $0! }, report: report)
        }
        var sums = ReductionTree<Step>(shards: shards.count) { a, b in
            Step(
                gradients: zip(a.gradients, b.gradients).map { $0 + $1 },
                report: a.report + b.report)
        }
        for (shard, result) in results.enumerated() {
            sums.insert(result, at: TreeNode(shard: shard))
        }
        return sums.result!
    }
}

/// A computation that goes from thread to thread, one at a time.
private struct Hand: @unchecked Sendable {
    let computation: ShardComputation
    init(_ computation: ShardComputation) { self.computation = computation }
}

/// Calls `body` with 0 ..< count, the last first, on so many threads.
private func inParallel<Result: Sendable>(
    _ count: Int, threads: Int, _ body: @Sendable (Int) throws -> Result
) throws -> [Result] {
    let left = Mutex(Array(0..<count))
    let results = Mutex([Int: Swift.Result<Result, any Error>]())
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
        while let index = left.withLock({ $0.popLast() }) {
            let result = Swift.Result { try body(index) }
            results.withLock { $0[index] = result }
        }
    }
    return try results.withLock { results in try (0..<count).map { try results[$0]!.get() } }
}

extension TinyRun.Step {
    func isBitIdentical(to other: Self) -> Bool {
        zip(gradients, other.gradients).allSatisfy { $0.isBitIdentical(to: $1) }
            && report.values.map(\.bitPattern) == other.report.values.map(\.bitPattern)
            && zip(report.moments, other.report.moments).allSatisfy {
                $0.path == $1.path && $0.moments.count == $1.moments.count
                    && $0.moments.mean.isBitIdentical(to: $1.moments.mean)
                    && $0.moments.variance.isBitIdentical(to: $1.moments.variance)
            }
    }
}
