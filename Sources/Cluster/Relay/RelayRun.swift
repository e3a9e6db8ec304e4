import Distillation
import Messages
import Networks
import Tensors
package import Training

/// Properties of an opened run that a ``RelayHandler`` works with.
package struct RelayRun: Sendable {
    /// Creates the service of files; `wake` is called on any thread when an answer waits.
    package typealias MakeAssets =
        @Sendable (_ wake: @escaping @Sendable () -> Void) throws -> AssetService

    let shape: StepShape
    let parts: WeightsParts
    let statistics: StatisticsLayout
    let validator: ResultValidator
    let makeAssets: MakeAssets

    /// A run to relay.
    ///
    /// - Parameters:
    ///   - shape: the properties that all steps share.
    ///   - parts: the numbering of weights in messages.
    ///   - statistics: the layout of normalisation statistics in messages.
    ///   - validator: checks the results of the workers below.
    ///   - makeAssets: creates the service of files for the workers below.
    package init(
        shape: StepShape, parts: WeightsParts, statistics: StatisticsLayout,
        validator: ResultValidator, makeAssets: @escaping MakeAssets = { _ in AssetService() }
    ) {
        self.shape = shape
        self.parts = parts
        self.statistics = statistics
        self.validator = validator
        self.makeAssets = makeAssets
    }

    /// The run that a welcome describes, opened, with the teacher in a cache.
    init(_ opened: WorkerContext, _ welcome: Welcome, cache: String) {
        let context = opened.context
        let shape = StepShape(
            shards: opened.shards, buckets: context.layout.buckets.count,
            exchanges: context.objectives.exchanges, wire: opened.wire)
        self.init(
            shape: shape, parts: opened.parts, statistics: context.statistics,
            validator: ResultValidator(
                opened.recipe, shape, context.plan, layout: context.layout,
                statistics: context.statistics,
                classes: context.student.classes)
        ) { wake in
            let teacher = try welcome.teacherDigest.flatMap {
                try CachedAsset($0, at: TeacherCache.path(of: $0, in: cache))
            }
            return try AssetService(teacher: teacher, wake: wake) { post in
                // Workers below fetch scans if this relay does, which fetches each once from above.
                guard welcome.dataDigest != nil else { return nil }
                return try SceneServer(
                    training: opened.data.training, validation: opened.data.validation,
                    threads: 4, post: post)
            }
        }
    }
}
