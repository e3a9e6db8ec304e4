import Distillation
package import Networks
package import PointClouds
package import Tensors

/// A sample ready for a network: its voxels, their features and labels.
package struct Example: Sendable {
    /// Identifies the sample from run to run.
    package let sampleID: UInt64
    /// What its source calls the sample.
    package let name: String
    /// Which of the sample's fixed views it is; nil where it is none.
    package let view: Int?
    /// One point a voxel, and the way back to the original points.
    package let voxels: VoxelCloud
    /// What the student reads: voxels x values.
    package let features: Tensor
    /// The same voxels' features in the strong view; nil where nobody asks for it.
    package let strong: Tensor?
    /// The teacher's own features of the same voxels; nil where it reads the student's.
    package internal(set) var ownTeacherFeatures: Tensor?
    /// The teacher's own features of the strong view; nil where it reads the student's.
    var ownStrongTeacherFeatures: Tensor?
    /// By how many quarter turns about z the scene was turned; 0 where nobody asks for turns.
    package let quarterTurns: Int
    /// The teacher's outputs, where they were read ahead of time.
    package internal(set) var teacherOutputs: NetworkOutputs?
    /// The teacher's outputs for the strong view.
    var strongTeacherOutputs: NetworkOutputs?

    /// A sample's voxels with what networks read of them.
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

    /// The strong view as an example of its own: the same voxels in the same order; nil where
    /// nobody asks for it.
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

    /// All that a teacher is asked about: the example, and its strong view where there is one.
    package var shown: [Example] { [self] + (strongExample.map { [$0] } ?? []) }

    /// What the teacher reads: voxels x values.
    var teacherFeatures: Tensor { ownTeacherFeatures ?? features }

    /// The class of each voxel.
    package var labels: [Int32] { voxels.cloud.labels }
}

/// The clouds of a micro-shard side by side: what a network looks at.
struct ExampleBatch {
    private(set) var scene: Scene
    let labels: [Int32]
    let cloudRanges: [Range<Int>]
    private(set) var examples: [Example]
    private let geometry: SceneGeometry
    private let grids: [[SIMD3<Int32>]]

    init(_ examples: [Example], geometry: SceneGeometry) throws {
        self.examples = examples
        self.geometry = geometry
        grids = examples.map(\.voxels.gridCoordinates)
        labels = examples.flatMap(\.labels)
        var ranges: [Range<Int>] = []
        for example in examples {
            let start = ranges.last?.upperBound ?? 0
            ranges.append(start..<start + example.voxels.cloud.count)
        }
        cloudRanges = ranges
        let features = Tensor.stackingRows(examples.map(\.features))
        scene = Scene(features: features, hierarchy: try geometry.hierarchy(gridCoordinates: grids))
    }

    /// The strong view of the same clouds: the same voxels in the same order at every stage, and so
    /// the same neighbours and curves; only what the networks read of them differs.
    func strong() throws -> ExampleBatch {
        var strong = self
        strong.examples = try examples.map { example in
            guard let strong = example.strongExample else {
                throw ObjectiveError("The clouds were read without their strong view.")
            }
            return strong
        }
        strong.scene = Scene(
            features: .stackingRows(strong.examples.map(\.features)), hierarchy: scene.hierarchy)
        return strong
    }

    /// The same voxels as a teacher of this geometry sees them: under its own hierarchy, with the
    /// features it reads.
    func teacherScene(for geometry: SceneGeometry) throws -> Scene {
        let same = geometry == self.geometry
        guard !same || examples.contains(where: { $0.ownTeacherFeatures != nil }) else {
            return scene
        }
        return Scene(
            features: .stackingRows(examples.map(\.teacherFeatures)),
            hierarchy: same
                ? scene.hierarchy : try geometry.hierarchy(gridCoordinates: grids))
    }
}
