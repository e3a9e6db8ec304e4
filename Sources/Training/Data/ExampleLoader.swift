package import Datasets
package import Distillation
package import PointClouds
import Settings
import Tensors

/// Loads examples for networks from a source's scenes.
///
/// A training example is the scene varied by the views' transforms, voxelised with a point drawn for each
/// voxel, and cropped around a drawn centre. It is a pure function of (source, sample, seed, step), or,
/// with fixed views, of (source, sample, seed of the views, number of the view), and hence the same in
/// every run.
package struct ExampleLoader: Sendable {
    /// The source of scenes.
    package let source: any SceneSource
    /// The side of a voxel, metres.
    package let grid: Float
    /// The maximum number of voxels of a training example.
    package let points: Int
    /// The student's features of a point.
    package let features: [Feature]
    /// The number of values of these features.
    package let inputs: Int
    /// The teacher's features of a point; nil if they are the student's, or without a teacher.
    package let teacherFeatures: [Feature]?
    /// The augmentations of training scenes.
    package let views: ViewRecipe
    /// The fixed views of each sample; nil for a new view at each step.
    package let fixedViews: FixedViews?
    /// The augmentations of the strong view; nil if no objective needs it.
    package let strongView: ViewRecipe?
    /// Whether each scene is turned by a drawn multiple of 90 degrees, for objectives that need turns.
    package let turns: Bool
    /// The run's seed.
    package let seed: UInt64
    private let kept: Kept

    /// Cache of scenes or of examples.
    private enum Kept: Sendable {
        /// Scenes by sample, from which new views are made at every step.
        case scenes(MemoryCache<Int, Cloud>)
        /// Complete examples by sample and number of the view.
        case examples(MemoryCache<SIMD2<Int>, Example>)
    }

    /// The loader of a recipe.
    ///
    /// - Parameter needs: the inputs of the objectives; nil for those of the recipe's objectives.
    package init(_ recipe: Recipe, source: any SceneSource, needs: Needs? = nil) throws {
        let needs = needs ?? recipe.objectives.needs
        self.source = source
        grid = recipe.grid
        points = recipe.points
        features = try recipe.settledFeatures(recipe.studentFeatures)
        teacherFeatures = try recipe.teacher?.features.map(recipe.settledFeatures)
        views = recipe.views
        fixedViews = recipe.fixedViews
        strongView = needs.contains(.strongView) ? recipe.strongView : nil
        turns = needs.contains(.quarterTurns)
        seed = recipe.seed
        let limit = recipe.data.cache.bytes
        kept =
            recipe.fixedViews == nil
            ? .scenes(MemoryCache(limit: limit) { $0.bytes })
            : .examples(MemoryCache(limit: limit) { $0.bytes })
        inputs = try source.width(of: features)
    }

    /// The number of values of a point that the teacher reads.
    ///
    /// Throws if the source does not have them.
    package var teacherInputs: Int {
        get throws { try teacherFeatures.map { try source.width(of: $0) } ?? inputs }
    }

    /// Starts to fetch the scenes that ``example(of:step:)`` of these samples will read; calls `then` when
    /// reading them does not wait any more.
    package func prefetch(
        _ samples: [Int], step: Int, then: @escaping @Sendable () -> Void = {}
    ) {
        source.prefetch(samples.filter { !keeps($0, step: step) }, then: then)
    }

    /// Starts to fetch the scenes that ``wholeExample(of:)`` will read.
    package func prefetch(_ samples: [Int]) { source.prefetch(samples) {} }

    private func keeps(_ sample: Int, step: Int) -> Bool {
        switch kept {
        case .scenes(let scenes): return scenes.contains(sample)
        case .examples(let examples):
            guard let fixedViews else { return false }
            let id = source.sampleID(of: sample)
            return examples.contains(
                [sample, fixedViews.number(seed: seed, step: step, sample: id)])
        }
    }

    /// The example of a sample at a step.
    package func example(of sample: Int, step: Int) throws -> Example {
        guard let fixedViews else {
            return try example(of: sample, seed: seed, step: step, view: nil)
        }
        let view = fixedViews.number(seed: seed, step: step, sample: source.sampleID(of: sample))
        guard case .examples(let examples) = kept else {
            return try example(of: sample, view: view, of: fixedViews)
        }
        return try examples.value(for: [sample, view]) {
            try example(of: sample, view: view, of: fixedViews)
        }
    }

    /// A fixed view of a sample, independent of run and step.
    package func example(of sample: Int, view: Int, of views: FixedViews) throws -> Example {
        precondition((0..<views.count).contains(view), "View \(view) of \(views.count).")
        return try example(of: sample, seed: views.seed, step: view, view: view)
    }

    /// The example whose random numbers are drawn from (seed, step, sample).
    private func example(of sample: Int, seed: UInt64, step: Int, view: Int?) throws -> Example {
        let id = source.sampleID(of: sample)
        let chosen = CounterGenerator(
            seed: seed, step: step, sample: id, purpose: .init("point of a voxel"))
        let scene = try scene(of: sample)
        var turn = CounterGenerator(
            seed: seed, step: step, sample: id, purpose: .init("quarter turns"))
        let quarterTurns = turns ? turn.index(below: 4) : 0
        var varied = views(scene, seed: seed, step: step, sample: id)
        if quarterTurns != 0 { varied = varied.rotated(quarterTurns: quarterTurns) }
        var voxels = try VoxelCloud(
            varied, gridSize: grid, representative: .drawn(chosen))
        voxels = Crop.nearest(points: points)(voxels, seed: seed, step: step, sample: id)
        // The strong view moves the points of voxels that stay where they are, so that its rows are
        // the weak view's at every stage.
        let strong = strongView.map { $0(voxels.cloud, seed: seed, step: step, sample: id) }
        var example = try example(
            voxels, id: id, name: source.name(of: sample), view: view,
            strong: strong.map { try PointClouds.features(of: $0, features) },
            quarterTurns: quarterTurns)
        if let teacherFeatures {
            example.ownTeacherFeatures = try PointClouds.features(of: voxels.cloud, teacherFeatures)
            example.ownStrongTeacherFeatures = try strong.map {
                try PointClouds.features(of: $0, teacherFeatures)
            }
        }
        return example
    }

    private func scene(of sample: Int) throws -> Cloud {
        guard case .scenes(let scenes) = kept else { return try source.scene(at: sample) }
        return try scenes.value(for: sample) { try source.scene(at: sample) }
    }

    /// A sample without augmentation, for validation and prediction, with all its voxels.
    package func wholeExample(of sample: Int) throws -> (example: Example, scene: Cloud) {
        let scene = try source.scene(at: sample)
        let example = try example(
            VoxelCloud(scene, gridSize: grid), id: source.sampleID(of: sample),
            name: source.name(of: sample))
        return (example, scene)
    }

    /// A scene without augmentation, with all its voxels.
    package func wholeExample(of scene: Cloud, id: UInt64) throws -> Example {
        try example(VoxelCloud(scene, gridSize: grid), id: id, name: "\(id)")
    }

    private func example(
        _ voxels: VoxelCloud, id: UInt64, name: String, view: Int? = nil, strong: Tensor? = nil,
        quarterTurns: Int = 0
    ) throws -> Example {
        var voxels = voxels
        if voxels.cloud.labels.isEmpty {
            voxels.cloud.labels = Array(repeating: Cloud.ignored, count: voxels.count)
        }
        return Example(
            sampleID: id, name: name, view: view, voxels: voxels,
            features: try PointClouds.features(of: voxels.cloud, features),
            strong: strong, quarterTurns: quarterTurns)
    }
}

extension Recipe {
    /// The features with their scales; throws if a scale has not been determined yet.
    fileprivate func settledFeatures(_ settings: [FeatureSetting]) throws -> [Feature] {
        guard let features = settings.features else {
            throw RecipeError(
                "\(file): the scales of features have not been computed from the training scans "
                    + "yet: use a recipe from a run's checkpoint, or give the numbers.")
        }
        return features
    }
}

extension Cloud {
    /// The approximate size of its points in memory.
    fileprivate var bytes: Int {
        let values = channels.reduce(0) { $0 + $1.values.count }
        return MemoryLayout<SIMD3<Float>>.stride * count + 4 * (values + labels.count)
    }
}

extension Example {
    /// The approximate size in memory.
    fileprivate var bytes: Int {
        let cells = MemoryLayout<SIMD3<Int32>>.stride * voxels.count
        let values =
            voxels.inverse.count + features.count
            + [strong, ownTeacherFeatures, ownStrongTeacherFeatures].reduce(0) {
                $0 + ($1?.count ?? 0)
            }
        return voxels.cloud.bytes + cells + 4 * values
    }
}
