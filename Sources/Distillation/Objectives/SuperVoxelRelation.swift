import Networks
import Settings
package import Tensors

/// Affinities of points and of voxels inside super-voxels, which are drawn preferably from rare classes
/// and large distances (SRKD's affinity alignment, after PVKD, CVPR 2022).
///
/// Each cloud is divided into super-voxels (``SuperVoxelGrid``), and up to K are drawn with probabilities
/// in proportion to
///
///     w_i = ((1 - C_cur / C_tot) / N_v) (D_i / R):
///
/// which grows with the rarity of the most frequent class and with the distance. With A an affinity
/// (``Affinity``) of up to P points drawn in a super-voxel, or of the means of its voxels,
///
///     L = 1/B Σ_clouds 1/K Σ_super-voxels ( point / n² Σ_ab (A_S,ab - A_T,ab)²
///                                         + voxel / v² Σ_ab (A_S,ab - A_T,ab)² )
///
/// over the B clouds of the mini-batch that have points; n points, v voxels.
///
/// Cosines are comparable between networks of different width. Squared distances, multiplied by w_i, are
/// SRKD's form and depend on the scale of both networks. In a cloud without labels the distance alone
/// decides.
///
/// Student and teacher may differ in width; no projector is needed. Cost O(n log n) for the super-voxels,
/// O(K P d²) for the affinities, none of which is stored. Contributes B. Grade: equations (neither SRKD
/// nor PVKD has published code); the mean over clouds is ours.
package struct SuperVoxelRelation: Objective {
    /// The name in recipes and logs: `relation.super-voxel`.
    package static let name = "relation.super-voxel"

    /// The division of clouds into super-voxels.
    package var grid: SuperVoxelGrid
    /// The maximum number of super-voxels drawn from a cloud: K.
    package var superVoxels: Int
    /// The maximum number of points drawn from a super-voxel: P.
    package var points: Int
    /// The measure of affinity.
    package var affinity: Affinity
    /// The weight of the points' affinities.
    package var point: Double
    /// The weight of the voxels' affinities.
    package var voxel: Double

    /// A relation inside super-voxels.
    package init(
        grid: SuperVoxelGrid = .lidar, superVoxels: Int = 4, points: Int = 512,
        affinity: Affinity = .cosine, point: Double = 1, voxel: Double = 1
    ) {
        precondition(superVoxels > 0 && points > 0, "At least one point of one super-voxel.")
        self.grid = grid
        self.superVoxels = superVoxels
        self.points = points
        self.affinity = affinity
        self.point = point
        self.voxel = voxel
    }

    /// The teacher's features, and labels where present, which tell rare classes.
    package var needs: Needs { [.teacherFeatures, .someLabels] }

    /// The Swift expression that makes it: `SuperVoxelRelation(point: 1, voxel: 1)`.
    package var description: String {
        formula(
            of: Self.self,
            [
                grid == .lidar ? nil : ("grid", "\(grid)"),
                superVoxels == 4 ? nil : ("superVoxels", String(superVoxels)),
                points == 512 ? nil : ("points", String(points)),
                affinity == .cosine ? nil : ("affinity", ".\(affinity)"),
                ("point", short(point)), ("voxel", short(voxel)),
            ])
    }

    /// One count.
    package func exchange(for pair: NetworkPair) throws -> ExchangeForm { .counts(1) }

    /// One count: the number of non-empty clouds.
    package func contribution(of input: ObjectiveInput) throws -> Contribution {
        _ = try input.teacher(for: self)
        try input.checkLabels(for: self)
        return Contribution(counts: [Double(input.featureRanges.count { !$0.isEmpty })])
    }

    /// The share of the super-voxels of this micro-shard's clouds.
    package func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        let clouds = try totals.counts(1, for: self)[0]
        let teacher = try input.teacher(for: self).features
        let student = input.student.features
        var (points, voxels) = (Sets(), Sets())
        for draw in draws(in: input) {
            let scale = 1 / (clouds * Double(draw.count))
            for (superVoxel, kept) in draw {
                points.append(kept, weight: superVoxel.weight, scale: point * scale)
                voxels.append(
                    superVoxel.rows, means: superVoxel.voxels, weight: superVoxel.weight,
                    scale: voxel * scale)
            }
        }
        var parts: [Tensor] = []
        if point > 0 {
            parts.append(
                share(of: student.gatherRows(points.rows), teacher.gatherRows(points.rows), points))
        }
        if voxel > 0 {
            let segments = voxels.segments
            let means = { (features: Tensor) in
                features.gatherRows(voxels.rows).segmentMean(segments)
            }
            parts.append(share(of: means(student), means(teacher), voxels))
        }
        guard let first = parts.first else {
            return .share("super-voxel relation", of: student, value: 0, gradient: nil)
        }
        return parts.dropFirst().reduce(first) { $0 + $1 }
    }

    /// The share of sets of rows, which follow one another in the tensors.
    private func share(of student: Tensor, _ teacher: Tensor, _ sets: Sets) -> Tensor {
        let isCosine = affinity == .cosine
        let own = isCosine ? student.normalizedRows() : student
        let wanted = isCosine ? teacher.normalizedRows() : teacher
        let constant = own.detached
        var loss = 0.0
        let gradients = sets.list.map { set in
            let (rows, others) = (constant.rows(set.range), wanted.rows(set.range))
            let gap =
                isCosine
                ? AffinityGap(cosine: rows, teacher: others)
                : AffinityGap(distance: rows, teacher: others, weight: set.weight)
            let scale = set.scale / (Double(set.range.count) * Double(set.range.count))
            loss += scale * gap.squares
            return gap.gradient.scaled(by: Float(scale))
        }
        return .share(
            "super-voxel relation", of: own, value: loss,
            gradient: Tensor(concatenatingRows: gradients, columns: own.columns))
    }
}

// MARK: - Draws

extension SuperVoxelRelation {
    /// The drawn super-voxels and the drawn rows of each, for every non-empty cloud.
    private func draws(in input: ObjectiveInput) -> [[(superVoxel: SuperVoxel, kept: [Int32])]] {
        let stage = input.student.tap.stage
        let positions = input.positions(ofStage: stage)
        let labels = input.labels(ofStage: stage)
        return zip(input.cloudIDs, input.featureRanges).filter { !$1.isEmpty }
            .map { place, range in
                var generator = CounterGenerator(
                    seed: input.seed, step: input.step, sample: UInt64(place),
                    purpose: CounterGenerator.Purpose(Self.name))
                let all = SuperVoxel.all(
                    of: range, positions: positions, labels: labels, grid: grid)
                return SuperVoxel.drawn(superVoxels, of: all, by: &generator).map { superVoxel in
                    let places = distinct(points, below: superVoxel.rows.count, by: &generator)
                    return (superVoxel, places.map { superVoxel.rows[Int($0)] })
                }
            }
    }

    /// Consecutive sets of points or of voxels.
    private struct Sets {
        /// The rows of the features, set by set.
        private(set) var rows: [Int32] = []
        /// The range of each set's points or voxels, its weight, and its factor in the loss.
        private(set) var list: [(range: Range<Int>, weight: Double, scale: Double)] = []
        /// The number of rows of each voxel.
        private var counts: [Int] = []

        mutating func append(
            _ rows: [Int32], means counts: [Int]? = nil, weight: Double, scale: Double
        ) {
            let begin = list.last?.range.upperBound ?? 0
            let count = counts?.count ?? rows.count
            list.append((begin..<begin + count, weight, scale))
            self.rows += rows
            self.counts += counts ?? []
        }

        /// The rows of each voxel.
        var segments: Segments {
            Segments(
                starts: counts.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int32($1)) },
                members: (0..<Int32(rows.count)).map { $0 },
                segmentOfRow: counts.indices.flatMap { voxel in
                    [Int32](repeating: Int32(voxel), count: counts[voxel])
                })
        }
    }
}

// MARK: - In the catalogue

extension SuperVoxelRelation {
    /// Its catalogue entry.
    static let entry = ObjectiveEntry(
        name: name,
        formula: "mean over super-voxels of point and voxel (A_S - A_T)², A affinities inside one",
        source: "SRKD (arXiv 2506.17290), after PVKD (Hou et al., CVPR 2022)",
        grade: .equations,
        settings: [
            .init("affinity", "cosine", "cosine, or distance: w_i times the squared distance"),
            .init("super-voxels", "4", "super-voxels drawn from a cloud"),
            .init("points", "512", "the most points drawn from a super-voxel"),
            .init("point", "1", "weight of the points' affinities"),
            .init("voxel", "1", "weight of the voxels' affinities"),
        ] + SuperVoxelGrid.settings + [
            .init("preset", "none", "srkd-paper: distance, weight 0.001")
        ],
        // Cells of 0.2 m hold several points of the contract's clouds, and 64 is more than there are.
        trial: .init(settings: "{grid: cubic, side: 0.2, super-voxels: 64}", drawsPoints: true)
    ) { read in
        let paper = try read.word("preset", of: ["srkd-paper"]) != nil
        let affinity = try read.word("affinity", of: Affinity.allCases.map(\.rawValue))
        let objective = SuperVoxelRelation(
            grid: try SuperVoxelGrid(read),
            superVoxels: try read.integer("super-voxels", default: 4, in: 1...Int(Int32.max)),
            points: try read.integer("points", default: 512, in: 1...Int(Int32.max)),
            affinity: affinity.flatMap(Affinity.init) ?? (paper ? .distance : .cosine),
            point: try read.nonNegative("point", default: 1),
            voxel: try read.nonNegative("voxel", default: 1))
        guard objective.point > 0 || objective.voxel > 0 else {
            throw read.error(
                "\(read.name): point and voxel are both 0: remove the objective instead.")
        }
        return .init(objective: objective, weight: paper ? 1e-3 : 1)
    }
}
