import Distillation
package import Networks
package import PointClouds
package import Tensors

/// Sample prepared for a network: voxels, features and labels.
package struct Example: Sendable {
    /// The id of the sample, the same in all runs.
    package let sampleID: UInt64
    /// The name of the sample in its source.
    package let name: String
    /// The number of the fixed view; nil if it is none.
    package let view: Int?
    /// One point per voxel, and the voxel of each original point.
    package let voxels: VoxelCloud
    /// The student's features: voxels x values.
    package let features: Tensor
    /// The same voxels' features in the strong view; nil if no objective needs it.
    package let strong: Tensor?
    /// The teacher's own features of the same voxels; nil where it reads the student's.
    package internal(set) var ownTeacherFeatures: Tensor?
    /// The teacher's own features of the strong view; nil where it reads the student's.
    var ownStrongTeacherFeatures: Tensor?
    /// The number of quarter turns about z of the scene; 0 if no objective needs turns.
    package let quarterTurns: Int
    /// The teacher's outputs, where they were read ahead of time.
    package internal(set) var teacherOutputs: NetworkOutputs?
    /// The teacher's outputs for the strong view.
    var strongTeacherOutputs: NetworkOutputs?

    /// An example of the given voxels and features.
    package init(
        sampleID: UInt64, name: String, view: Int? = nil, voxels: VoxelCloud, features: Tensor,
        strong: Tensor? = nil, quarterTurns: Int = 0
    ) {
        self.sampleID = sampleID
        self.name = name
        self.view = view
        self.voxels = voxels
        self.features = features
        self.strong = strong
        self.quarterTurns = quarterTurns
    }

    /// The strong view as a separate example: the same voxels in the same order; nil if no objective
    /// needs it.
    var strongExample: Example? {
        strong.map { features in
            var other = Example(
                sampleID: sampleID, name: name, view: view, voxels: voxels, features: features,
                quarterTurns: quarterTurns)
            other.ownTeacherFeatures = ownStrongTeacherFeatures
            other.teacherOutputs = strongTeacherOutputs
            return other
        }
    }

    /// The examples that a teacher evaluates: this one, and its strong view if there is one.
    package var teacherExamples: [Example] { [self] + (strongExample.map { [$0] } ?? []) }

    /// The teacher's features: voxels x values.
    var teacherFeatures: Tensor { ownTeacherFeatures ?? features }

    /// The class of each voxel.
    package var labels: [Int32] { voxels.cloud.labels }
}

/// Clouds of a micro-shard as one scene.
struct ExampleBatch {
    private(set) var scene: Scene
    let labels: [Int32]
    let cloudRanges: [Range<Int>]
    private(set) var examples: [Example]
    private let geometry: SceneGeometry

    init(_ examples: [Example], geometry: SceneGeometry) throws {
        self.examples = examples
        self.geometry = geometry
        labels = examples.flatMap(\.labels)
        var ranges: [Range<Int>] = []
        for example in examples {
            let start = ranges.last?.upperBound ?? 0
            ranges.append(start..<start + example.voxels.cloud.count)
        }
        cloudRanges = ranges
        let features = Tensor.stackingRows(examples.map(\.features))
        scene = try geometry.scene(of: examples.map(\.voxels), features: features)
    }

    /// The strong view of the same clouds: the same voxels in the same order at every stage, hence the same
    /// neighbours and curves; only the features differ.
    func strong() throws -> ExampleBatch {
        var strong = self
        strong.examples = try examples.map { example in
            guard let strong = example.strongExample else {
                throw ObjectiveError("The clouds were read without their strong view.")
            }
            return strong
        }
        strong.scene = try geometry.scene(
            of: examples.map(\.voxels),
            features: .stackingRows(strong.examples.map(\.features)), hierarchy: scene.hierarchy)
        return strong
    }

    /// The same voxels as the scene of a teacher: with the hierarchy of its geometry and the features that
    /// it reads.
    func teacherScene(for geometry: SceneGeometry) throws -> Scene {
        let same = geometry == self.geometry
        // Teacher and student of one geometry share the hierarchy, whose construction is not cheap.
        guard !same || examples.contains(where: { $0.ownTeacherFeatures != nil }) else {
            return scene
        }
        return try geometry.scene(
            of: examples.map(\.voxels),
            features: .stackingRows(examples.map(\.teacherFeatures)),
            hierarchy: same ? scene.hierarchy : nil)
    }
}
