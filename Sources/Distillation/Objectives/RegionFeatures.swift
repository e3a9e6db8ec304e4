package import Networks
import PointClouds
import Settings
package import Tensors

/// Distance between mean features of regions through a linear projector (after the region level of HKD,
/// arXiv 1909.09325).
///
/// With the means of both networks' features over each region r,
///
///     L = 1 / (R d_T) Σ_r || mean_r(F_S) Wᵀ + b - mean_r(F_T) ||²
///
/// over the R regions of the mini-batch, which weigh alike whatever their number of points. Regions are
/// super-voxels (``SuperVoxelGrid``). Divided by class, the points of one class in a super-voxel are a
/// region, and those without a label are another.
///
/// A mean keeps what the points of a region have in common, which a small student can match more easily
/// than single points. Cost O(n log n) for the regions, O(N (d_S + d_T)) for the means. Contributes R.
/// Grade: style (the source names regions; the form is ours).
package struct RegionFeatures: Objective {
    /// The name in recipes and logs: `hierarchy.regions`.
    package static let name = "hierarchy.regions"

    /// The division of clouds into super-voxels.
    package var grid: SuperVoxelGrid
    /// Whether each class of a super-voxel is a region.
    package var byClass: Bool

    /// A comparison of regions.
    package init(grid: SuperVoxelGrid = .lidar, byClass: Bool = false) {
        self.grid = grid
        self.byClass = byClass
    }

    /// The teacher's features, and labels if regions are divided by class.
    package var needs: Needs { byClass ? [.teacherFeatures, .someLabels] : .teacherFeatures }

    /// The Swift expression that makes it: `RegionFeatures()`.
    package var description: String {
        formula(
            of: Self.self,
            [
                grid == .lidar ? nil : ("grid", "\(grid)"),
                byClass ? ("byClass", "true") : nil,
            ])
    }

    /// The projector: `projector.weight`, `projector.bias`.
    package func parameters(for pair: NetworkPair) throws -> [ParameterSpecification] {
        let scope = ParameterScope()
        let widths = try pair.widths(for: self)
        _ = Linear(scope["projector"], inputs: widths.student, outputs: widths.teacher)
        return scope.declared
    }

    /// One count.
    package func exchange(for pair: NetworkPair) throws -> ExchangeForm { .counts(1) }

    /// One count: the number of regions.
    package func contribution(of input: ObjectiveInput) throws -> Contribution {
        _ = try input.teacher(for: self)
        return Contribution(counts: [Double(regions(of: input).count)])
    }

    /// The share of this micro-shard's regions in the mean.
    package func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        let count = try totals.counts(1, for: self)[0]
        let regions = regions(of: input)
        let wanted = try input.teacher(for: self).features.segmentMean(regions)
        return input.student.features.segmentMean(regions)
            .linear(
                input.parameters["projector.weight"], bias: input.parameters["projector.bias"]
            )
            .squaredGap(
                "region features", to: wanted,
                scale: 1 / (max(count, 1) * Double(wanted.columns)))
    }

    /// The regions of all clouds, in order.
    private func regions(of input: ObjectiveInput) -> Segments {
        let stage = input.student.tap.stage
        let positions = input.positions(ofStage: stage)
        let labels = input.labels(ofStage: stage)
        var regionOfRow = [Int32](repeating: 0, count: positions.count)
        var count: Int32 = 0
        // Cloud by cloud: a region must not depend on the clouds that share a micro-shard with it.
        for range in input.featureRanges where !range.isEmpty {
            for superVoxel in SuperVoxel.all(
                of: range, positions: positions, labels: labels, grid: grid)
            {
                let classes = superVoxel.rows.map { byClass ? max(labels[Int($0)], -1) : -1 }
                // Sorted, because the order of a set differs from process to process.
                let distinct = Set(classes).sorted()
                for (row, label) in zip(superVoxel.rows, classes) {
                    regionOfRow[Int(row)] = count + Int32(distinct.firstIndex(of: label) ?? 0)
                }
                count += Int32(distinct.count)
            }
        }
        return Segments(segmentOfRow: regionOfRow, count: Int(count))
    }
}

extension RegionFeatures {
    /// Its catalogue entry.
    static let entry = ObjectiveEntry(
        name: name,
        formula: "mean over regions of |mean(F_S) Wᵀ + b - mean(F_T)|², regions super-voxels",
        source: "after HKD (arXiv 1909.09325)",
        grade: .style,
        settings: SuperVoxelGrid.settings + [
            .init("by-class", "false", "whether each class of a super-voxel is a region of its own")
        ]
    ) { read in
        .init(
            objective: RegionFeatures(
                grid: try SuperVoxelGrid(read),
                byClass: try read.flag("by-class", default: false)),
            weight: 1)
    }
}
