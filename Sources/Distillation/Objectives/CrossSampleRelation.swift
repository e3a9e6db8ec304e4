import Networks
import Settings
package import Tensors

/// Similarities of each anchor point to the anchors of all clouds of the mini-batch, compared with the
/// teacher's (SRKD's cross-sample relation, after CIRKD, CVPR 2022).
///
/// From each cloud i, M_i = min(`anchors`, N_i) points are drawn, the same for student and teacher.
/// With F_i their features, each row of length 1, and A_ij = F_i F_jᵀ for each ordered pair of the
/// B clouds that have points, i = j included:
///
///     L = 1/B² Σ_ij 1/M_i Σ_a KL( softmax(A_T,ij[a,:] / T) || softmax(A_S,ij[a,:] / T) )
///
/// so a cloud with few points weighs as much as one with many. A micro-shard's share holds the rows of
/// its own clouds. Its anchors are also keys in the rows of other clouds, and
///
///     dL/dF_j = Σ_i D_ji F_i + Σ_i D_ijᵀ F_i,    D_ij = (q_ij - p_ij) / (T B² M_i)
///
/// needs the softmax of those rows. Since all anchors are gathered, the micro-shard computes them itself:
/// its pullback is the gradient of the mini-batch's loss by its features, not only that of its share. The
/// gradients of the shares therefore sum to the exact gradient.
///
/// Contributes Σ M (d_S + d_T) numbers. Cost for c own clouds of B: (2 B c - c²) pairs, each O(M² d); at
/// most 256 rows of a pair's affinities exist at a time.
/// Similarities lie in -1 ... 1, so at T = 2 every softmax is almost flat and the gradient almost zero;
/// T = 0.1 is CIRKD's value. Grade: equations (SRKD has not published code).
package struct CrossSampleRelation: Objective {
    /// The name in recipes and logs: `relation.cross-sample`.
    package static let name = "relation.cross-sample"

    /// T > 0.
    package var temperature: Double
    /// The maximum number of points drawn from a cloud.
    package var anchors: Int

    /// The relation of anchors at a temperature.
    package init(temperature: Double = 0.1, anchors: Int = 1024) {
        precondition(temperature > 0, "A temperature is positive.")
        precondition(anchors > 0, "At least one anchor a cloud.")
        self.temperature = temperature
        self.anchors = anchors
    }

    /// The teacher's features.
    package var needs: Needs { .teacherFeatures }

    /// The Swift expression that makes it: `CrossSampleRelation(temperature: 0.1)`.
    package var description: String {
        formula(
            of: Self.self,
            [
                ("temperature", short(temperature)),
                anchors == 1024 ? nil : ("anchors", String(anchors)),
            ])
    }

    /// The anchors of student and teacher, by cloud.
    package func exchange(for pair: NetworkPair) throws -> ExchangeForm {
        let widths = try pair.widths(for: self)
        return ExchangeForm(
            ContributionForm(
                gathered: .init(columns: [widths.student, widths.teacher], rows: anchors)))
    }

    /// The normalised anchors of each non-empty cloud: the student's, then the teacher's.
    package func contribution(of input: ObjectiveInput) throws -> Contribution {
        let teacher = try input.teacher(for: self).features
        let draws = draws(in: input)
        let gathered = draws.flatMap { draw in
            [input.student.features.detached, teacher].map {
                Contribution.Gathered(
                    place: draw.place, tensor: $0.gatherRows(draw.rows).normalizedRows())
            }
        }
        return Contribution(gathered: gathered)
    }

    /// The rows of this micro-shard's anchors; the pullback is that of the whole mini-batch.
    package func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        let teacher = try input.teacher(for: self).features
        let draws = draws(in: input)
        let own = input.student.features.gatherRows(draws.flatMap(\.rows)).normalizedRows()
        let clouds = try clouds(in: totals, widths: (own.columns, teacher.columns))
        for draw in draws {
            // Totals that lack this micro-shard's anchors belong to another mini-batch.
            guard clouds.contains(where: { $0.place == draw.place && $0.count == draw.rows.count })
            else { throw totals.mismatch(self) }
        }
        var slots = [Int?](repeating: nil, count: clouds.count)
        for (slot, cloud) in clouds.enumerated() {
            slots[slot] = draws.firstIndex { $0.place == cloud.place }
        }

        var loss = 0.0
        var gradients = draws.map { draw in
            Tensor(rows: draw.rows.count, columns: own.columns, filledWith: 0)
        }
        let backward = own.requiresGradient
        let pairsOfClouds = Double(clouds.count * clouds.count)
        for (i, queries) in clouds.enumerated() {
            let scale = 1 / (pairsOfClouds * Double(queries.count))
            // Pairs of two foreign clouds contribute neither to this share nor to its gradient.
            for (j, keys) in clouds.enumerated() where slots[i] != nil || slots[j] != nil {
                let pair = AnchorPair(
                    queries: queries, keys: keys, temperature: Float(temperature),
                    byQueries: backward && slots[i] != nil, byKeys: backward && slots[j] != nil)
                if slots[i] != nil { loss += scale * pair.divergence }
                let step = Float(scale / temperature)
                if let slot = slots[i], let gradient = pair.byQueries {
                    gradients[slot] = gradients[slot] + gradient.scaled(by: step)
                }
                if let slot = slots[j], let gradient = pair.byKeys {
                    gradients[slot] = gradients[slot] + gradient.scaled(by: step)
                }
            }
        }
        let gradient = Tensor(concatenatingRows: gradients, columns: own.columns)
        return .share("cross-sample relation", of: own, value: loss, gradient: gradient)
    }
}

extension CrossSampleRelation {
    /// Its catalogue entry.
    static let entry = ObjectiveEntry(
        name: name,
        formula: "mean over pairs of clouds and anchors of KL between rows of softmax(F Fᵀ/T)",
        source: "SRKD (arXiv 2506.17290), after CIRKD (Yang et al., CVPR 2022)",
        grade: .equations,
        settings: [
            .init("temperature", "0.1", "T, above 0"),
            .init("anchors", "1024", "the most points drawn from a cloud"),
            .init("preset", "none", "srkd-paper: temperature 2, weight 0.1"),
        ]
    ) { read in
        let paper = try read.word("preset", of: ["srkd-paper"]) != nil
        return .init(
            objective: CrossSampleRelation(
                temperature: try read.positive("temperature", default: paper ? 2 : 0.1),
                anchors: try read.integer("anchors", default: 1024, in: 1...Int(Int32.max))),
            weight: paper ? 0.1 : 1)
    }
}

// MARK: - Anchors

extension CrossSampleRelation {
    /// Points drawn from a cloud.
    private struct Draw {
        let place: Int
        let rows: [Int32]
    }

    /// The draws of the non-empty clouds, by ascending place.
    private func draws(in input: ObjectiveInput) -> [Draw] {
        zip(input.cloudIDs, input.featureRanges).filter { !$1.isEmpty }.sorted { $0.0 < $1.0 }
            .map { place, range in
                var generator = CounterGenerator(
                    seed: input.seed, step: input.step, sample: UInt64(place),
                    // Keyed by the cloud's place, so that every micro-shard that holds the cloud draws the same points.
                    purpose: CounterGenerator.Purpose(Self.name))
                return Draw(
                    place: place,
                    rows: distinct(anchors, below: range.count, by: &generator).map {
                        Int32(range.lowerBound) + $0
                    })
            }
    }

    private func clouds(in totals: Totals, widths: (Int, Int)) throws -> [AnchorCloud] {
        let gathered = totals.whole.gathered
        // Every cloud gathers two tensors: the student's anchors and the teacher's.
        guard totals.whole.counts.isEmpty, gathered.count.isMultiple(of: 2) else {
            throw totals.mismatch(self)
        }
        return try stride(from: 0, to: gathered.count, by: 2).map { index in
            let (student, teacher) = (gathered[index], gathered[index + 1])
            guard
                student.place == teacher.place, student.tensor.rows == teacher.tensor.rows,
                student.tensor.rows > 0, (student.tensor.columns, teacher.tensor.columns) == widths
            else { throw totals.mismatch(self) }
            return AnchorCloud(
                place: student.place, student: student.tensor, teacher: teacher.tensor)
        }
    }
}

/// At most `wanted` different numbers below `count`, ascending; all of them if there are no more.
func distinct(_ wanted: Int, below count: Int, by generator: inout CounterGenerator) -> [Int32] {
    var numbers = [Int32](0..<Int32(count))
    guard wanted < count else { return numbers }
    // A partial Fisher-Yates shuffle: as many draws as points are wanted, without repetition.
    for place in 0..<wanted {
        numbers.swapAt(place, place + generator.index(below: count - place))
    }
    return numbers.prefix(wanted).sorted()
}

/// Anchors of a cloud: rows of length 1.
struct AnchorCloud {
    let place: Int
    let student: Tensor
    let teacher: Tensor
    var count: Int { student.rows }
}

/// Divergence of the student's affinities from the teacher's for one ordered pair of clouds, with its
/// gradients by queries and keys.
///
/// The gradients are not yet divided by the temperature.
struct AnchorPair {
    /// Σ_a KL over the queries.
    private(set) var divergence = 0.0
    /// M_i x d_S.
    private(set) var byQueries: Tensor?
    /// M_j x d_S.
    private(set) var byKeys: Tensor?

    /// Maximum number of values of a tile, so that it stays in the cache of one core.
    private static let tile = 256 * 1024

    init(
        queries: AnchorCloud, keys: AnchorCloud, temperature: Float,
        byQueries wantsQueries: Bool, byKeys wantsKeys: Bool
    ) {
        // The whole matrix of a pair (1024 x 1024) would not stay in cache between its three products.
        let height = min(max(Self.tile / keys.count, 1), 256)
        var blocks: [Tensor] = []
        for start in stride(from: 0, to: queries.count, by: height) {
            let rows = start..<min(start + height, queries.count)
            let student = queries.student.rows(rows)
            let wanted = queries.teacher.rows(rows).matmul(keys.teacher, transposingOther: true)
            let (divergences, difference) = student.matmul(keys.student, transposingOther: true)
                .softmaxDivergence(to: wanted, temperature: temperature)
            divergence += divergences.reduce(0, +)
            if wantsQueries { blocks.append(difference.matmul(keys.student)) }
            if wantsKeys {
                let gradient = difference.matmul(student, transposingSelf: true)
                byKeys = byKeys.map { $0 + gradient } ?? gradient
            }
        }
        if wantsQueries {
            byQueries = Tensor(concatenatingRows: blocks, columns: queries.student.columns)
        }
    }
}
