import Networks
import Settings
package import Tensors

/// Affinities between all points, within each cloud and across the clouds of the mini-batch, compared
/// with the teacher's exactly and in linear time.
///
/// With F the features at the tap, each row of length 1, and A = F Fᵀ for student and teacher:
///
///     L = within * Σ_b ||A_S,bb - A_T,bb||² / Σ_b N_b²
///       + across * Σ_b≠c ||A_S,bc - A_T,bc||² / Σ_b≠c N_b N_c        (Frobenius)
///
/// No single affinity is computed: the distances follow from d x d Gram matrices (``Grams``), the blocks
/// across clouds from the mini-batch's Grams minus those of each cloud. The gradient is
///
///     dL/dF_b = 4 (F_b M_SS - T_b M_TS),   M = within / Σ N² * G_b + across / Σ N N' * (G - G_b)
///
/// with T_b the teacher's rows, followed by the backward of the row normalisation. It is the gradient of
/// the mini-batch's loss by this cloud's features, which occur in its own rows and, A being symmetric, in
/// the columns of all clouds: hence 4 where rows alone would give 2.
///
/// Cost O(N d²), no N x N matrix. Contributes Σ N, Σ N² and, if `across` is not 0, the Grams of its
/// clouds. Value and gradient are differences of Grams and carry their rounding: at 100,000 points
/// the gradient is within 5e-7 (relative) of exact for a student unlike its teacher, within 3e-5 for
/// one whose features are 1 % away; the value within 1e-7 (absolute).
/// Student and teacher may differ in width. Grade: ours.
package struct DenseRelation: Objective {
    /// The name in recipes and logs: `relation.dense`.
    package static let name = "relation.dense"

    /// The weight of the affinities within a cloud.
    package var within: Double
    /// The weight of the affinities across clouds.
    package var across: Double

    /// The alignment of all affinities.
    package init(within: Double = 1, across: Double = 1) {
        self.within = within
        self.across = across
    }

    /// The teacher's features.
    package var needs: Needs { .teacherFeatures }

    /// The Swift expression that makes it: `DenseRelation(within: 1, across: 1)`.
    package var description: String {
        formula(of: Self.self, [("within", short(within)), ("across", short(across))])
    }

    /// Two counts and, if affinities across clouds count, the Grams.
    package func exchange(for pair: NetworkPair) throws -> ExchangeForm {
        let (s, t) = try pair.widths(for: self)
        return ExchangeForm(
            ContributionForm(counts: 2, sums: across == 0 ? [] : [[s, s], [t, s], [t, t]]))
    }

    /// The numbers of points and their squares, by cloud; the Grams of all clouds of the micro-shard.
    package func contribution(of input: ObjectiveInput) throws -> Contribution {
        let teacher = try input.teacher(for: self).features.normalizedRows()
        var counts = [0.0, 0.0]
        for range in input.featureRanges {
            counts[0] += Double(range.count)
            counts[1] += Double(range.count) * Double(range.count)
        }
        guard across != 0 else { return Contribution(counts: counts) }
        // By cloud, as `loss` has them: then the difference of the whole and the own is exact for
        // a mini-batch of one cloud.
        let student = input.student.features.detached.normalizedRows()
        let width = (student: student.columns, teacher: teacher.columns)
        var whole = Grams(
            ss: Tensor(rows: width.student, columns: width.student, filledWith: 0),
            ts: Tensor(rows: width.teacher, columns: width.student, filledWith: 0),
            tt: Tensor(rows: width.teacher, columns: width.teacher, filledWith: 0))
        for range in input.featureRanges where !range.isEmpty {
            whole = whole + Grams(student: student.rows(range), teacher: teacher.rows(range))
        }
        return Contribution(counts: counts, sums: [whole.ss, whole.ts, whole.tt])
    }

    /// The rows of affinities of this micro-shard's points.
    package func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        let teacher = try input.teacher(for: self).features.normalizedRows()
        let student = input.student.features.normalizedRows()
        let constant = student.detached
        let counts = try totals.counts(2, for: self)
        let pairs = (within: counts[1], across: counts[0] * counts[0] - counts[1])
        let whole = try wholeGrams(totals, student: constant, teacher: teacher)
        let perPair = (
            within: pairs.within > 0 ? within / pairs.within : 0,
            across: pairs.across > 0 && whole != nil ? across / pairs.across : 0
        )
        var loss = 0.0
        var parts: [Part] = []
        for range in input.featureRanges where !range.isEmpty {
            let own = Grams(student: constant.rows(range), teacher: teacher.rows(range))
            let inside = own.squaredDistance(to: own)
            loss += perPair.within * inside
            var part = Part(
                range: range, ss: own.ss.scaled(by: Float(perPair.within - perPair.across)),
                ts: own.ts.scaled(by: Float(perPair.within - perPair.across)))
            if let whole, perPair.across != 0 {
                loss += perPair.across * (own.squaredDistance(to: whole) - inside)
                part.ss = part.ss + whole.ss.scaled(by: Float(perPair.across))
                part.ts = part.ts + whole.ts.scaled(by: Float(perPair.across))
            }
            parts.append(part)
        }
        return .operation("dense relation", student, value: Tensor(Float(loss))) {
            [constant, teacher, parts] dy in
            Tensor(
                concatenatingRows: parts.map { part in
                    let kept = constant.rows(part.range).matmul(part.ss)
                    let wanted = teacher.rows(part.range).matmul(part.ts)
                    return kept.scaled(by: 4 * dy.scalar) + wanted.scaled(by: -4 * dy.scalar)
                }, columns: constant.columns)
        }
    }

    /// Matrices that the backward pass multiplies a cloud's rows with.
    private struct Part {
        let range: Range<Int>
        var ss: Tensor
        var ts: Tensor
    }

    private func wholeGrams(
        _ totals: Totals, student: Tensor, teacher: Tensor
    ) throws -> Grams? {
        let sums = totals.whole.sums
        guard across != 0 else { return nil }
        let (s, t) = (student.columns, teacher.columns)
        guard sums.map({ [$0.rows, $0.columns] }) == [[s, s], [t, s], [t, t]] else {
            throw totals.mismatch(self)
        }
        return Grams(ss: sums[0], ts: sums[1], tt: sums[2])
    }
}

extension DenseRelation {
    /// Its catalogue entry.
    static let entry = ObjectiveEntry(
        name: name,
        formula: "mean squared difference of the affinities of all points, by Gram matrices",
        source: "this project; squared Frobenius form of relation distillation",
        grade: .ours,
        settings: [
            .init("within", "1", "weight of affinities within a cloud"),
            .init("across", "1", "weight of affinities across clouds"),
        ]
    ) { read in
        let objective = DenseRelation(
            within: try read.nonNegative("within", default: 1),
            across: try read.nonNegative("across", default: 1))
        guard objective.within > 0 || objective.across > 0 else {
            throw read.error(
                "\(read.name): within and across are both 0: remove the objective instead.")
        }
        return .init(objective: objective, weight: 1)
    }
}

extension Tensor {
    /// The rows of all parts, as constants; each part has `columns` columns.
    init(concatenatingRows parts: [Tensor], columns: Int) {
        let rows = parts.reduce(0) { $0 + $1.rows }
        self.init(rows: rows, columns: columns) { output in
            var next = 0
            for part in parts {
                precondition(part.columns == columns, "Rows of different widths.")
                part.withValues { values in
                    for index in values.indices {
                        output[next] = values[index]
                        next += 1
                    }
                }
            }
        }
    }
}
