import Networks
import PointClouds
import Settings
import Tensors

/// Centred second moments of student and teacher at several taps, over all points of the mini-batch,
/// each weighted by the rarity of its class.
///
/// With m the weighted means,
///
///     w_n = (share of the point's class in its cloud)^(-balance),   W = Σ w,
///     C_XY = Σ w (x - m_X) (y - m_Y)ᵀ / W.
///
/// The class is the teacher's most likely one, so that neither labels nor an exchange are needed; at a
/// coarser stage it is the most frequent one of the voxel's points. Objectives that are functions of
/// these moments cost O(N d²) and are exact over the mini-batch.
struct BalancedMoments {
    /// The taps with their weights.
    let levels: [StageFeatures.Level]
    /// The exponent of the weights: 0 counts all points alike, 1 all classes of a cloud.
    let balance: Double

    /// The teacher's features and, for the classes of the weights, its logits.
    var needs: Needs { balance == 0 ? .teacherFeatures : [.teacherFeatures, .teacherLogits] }

    /// The taps of both networks, whose rows must be the same voxels.
    func taps(for pair: NetworkPair, of objective: some Objective) throws -> TapDemand {
        let taps = levels.map(\.tap)
        for tap in taps { try pair.checkRows(student: tap, teacher: tap, for: objective) }
        return TapDemand(student: taps, teacher: taps)
    }

    /// At each tap the sum of the weights, weighted sums of the features, and their second moments.
    func exchange(for pair: NetworkPair, of objective: some Objective) throws -> ExchangeForm {
        var form = ContributionForm()
        for level in levels {
            let s = try pair.student.width(at: level.tap)
            let t = try pair.teacher(for: objective).width(at: level.tap)
            form.counts += 1 + s + t
            form.sums += [[s, s], [t, s], [t, t]]
        }
        return ExchangeForm(form)
    }

    /// The moments of this micro-shard's points.
    func contribution(
        of input: ObjectiveInput, to objective: some Objective
    ) throws -> Contribution {
        let teacher = try input.teacher(for: objective)
        var contribution = Contribution()
        for level in levels {
            let student = input.student.features(at: level.tap).detached
            let wanted = teacher.features(at: level.tap)
            let weights = weights(of: input, teacher, at: level.tap)
            contribution.counts.append(weights.reduce(0) { $0 + Double($1) })
            contribution.counts += student.weightedSums(weights) + wanted.weightedSums(weights)
            let (own, other) = (student.scaledRows(by: weights), wanted.scaledRows(by: weights))
            contribution.sums += [
                student.matmul(own, transposingSelf: true),
                wanted.matmul(own, transposingSelf: true),
                wanted.matmul(other, transposingSelf: true),
            ]
        }
        return contribution
    }

    /// The share of this micro-shard's points in the mean over the taps, in proportion to their weights.
    ///
    /// - Parameter cost: the loss of one tap's moments with its derivatives.
    func loss(
        of input: ObjectiveInput, given totals: Totals, for objective: some Objective,
        _ cost: (CentredMoments) -> CentredMoments.Cost
    ) throws -> Tensor {
        let teacher = try input.teacher(for: objective)
        let whole = levels.reduce(0) { $0 + $1.weight }
        var (counts, sums) = (totals.whole.counts[...], totals.whole.sums[...])
        let parts = try levels.map { level in
            let student = input.student.features(at: level.tap)
            let wanted = teacher.features(at: level.tap)
            let (s, t) = (student.columns, wanted.columns)
            guard counts.count >= 1 + s + t,
                sums.prefix(3).map({ [$0.rows, $0.columns] }) == [[s, s], [t, s], [t, t]]
            else { throw totals.mismatch(objective) }
            let moments = CentredMoments(
                counts: counts.prefix(1 + s + t), sums: sums.prefix(3), width: s)
            counts = counts.dropFirst(1 + s + t)
            sums = sums.dropFirst(3)
            let weights = weights(of: input, teacher, at: level.tap)
            let own = weights.reduce(0) { $0 + Double($1) }
            let factor = level.weight / whole
            let found = cost(moments)
            return Tensor.share(
                "moments", of: student,
                value: factor * found.value * (moments.weight > 0 ? own / moments.weight : 0),
                gradient: moments.gradient(
                    found, student.detached, wanted, weights: weights, factor: factor))
        }
        guard counts.isEmpty, sums.isEmpty else { throw totals.mismatch(objective) }
        return parts.dropFirst().reduce(parts[0]) { $0 + $1 }
    }

    /// The weight of each row at a tap.
    private func weights(
        of input: ObjectiveInput, _ teacher: NetworkOutputs, at tap: Tap
    ) -> [Float] {
        let rows = input.rows(ofStage: tap.stage)
        guard balance > 0 else { return [Float](repeating: 1, count: rows) }
        let classes = teacher.logits.largestColumns
        let labels =
            tap.stage == 0
            ? classes : input.hierarchy.segments(ofStage: tap.stage).majority(of: classes)
        var weights = [Float](repeating: 1, count: rows)
        for range in input.cloudRanges(ofStage: tap.stage) {
            var counts: [Int32: Int] = [:]
            for row in range { counts[labels[row], default: 0] += 1 }
            // The logarithm of this project: those of C libraries differ in the last bit.
            let byClass = counts.mapValues { count in
                Float(exponential(-balance * logarithm(Double(count) / Double(range.count))))
            }
            for row in range { weights[row] = byClass[labels[row], default: 1] }
        }
        return weights
    }
}

/// An objective that is a function of the balanced moments at each of its taps.
protocol MomentObjective: Objective {
    /// The taps with their weights, each once.
    var levels: [StageFeatures.Level] { get }
    /// The exponent of the weights: 0 counts all points alike, 1 all classes of a cloud.
    var balance: Double { get }

    /// The loss of one tap's moments with its derivatives.
    func cost(of moments: CentredMoments) -> CentredMoments.Cost
}

extension MomentObjective {
    private var moments: BalancedMoments { BalancedMoments(levels: levels, balance: balance) }

    /// The teacher's features and, for the classes of the weights, its logits.
    package var needs: Needs { moments.needs }

    /// The taps of both networks, whose rows must be the same voxels.
    package func taps(for pair: NetworkPair) throws -> TapDemand {
        try moments.taps(for: pair, of: self)
    }

    /// The moments at each tap.
    package func exchange(for pair: NetworkPair) throws -> ExchangeForm {
        try moments.exchange(for: pair, of: self)
    }

    /// The moments of this micro-shard's points.
    package func contribution(of input: ObjectiveInput) throws -> Contribution {
        try moments.contribution(of: input, to: self)
    }

    /// The share of this micro-shard's points, in proportion to their weights.
    package func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        try moments.loss(of: input, given: totals, for: self) { cost(of: $0) }
    }
}

extension BalancedMoments {
    /// The settings in recipes.
    static let settings: [ObjectiveEntry.Setting] = [
        .init("levels", "{enc0: 1}", "{enc0: 1, dec1: 2, …}: taps with their weights"),
        .init("balance", "0.5", "exponent of rarity in points' weights, 0 … 1"),
    ]

    /// Reads the settings.
    init(_ read: SettingsMapping) throws {
        self.init(
            levels: try StageFeatures.Level.list(read) ?? [.init(.encoder(0))],
            balance: try read["balance"]?
                .number("give a number from 0 to 1") { (0...1).contains($0) } ?? 0.5)
    }
}

/// Means and centred second moments at one tap, over the whole mini-batch.
struct CentredMoments {
    /// A loss with its derivatives by the moments.
    struct Cost {
        /// The loss.
        var value: Double
        /// The factors of the centred rows t and s in the gradient `w (t teacher + s student)`; nil for a
        /// gradient of 0.
        var slopes: (teacher: Moment, student: Moment)?
    }

    /// W.
    let weight: Double
    /// C_SS: d_S x d_S.
    let ss: Moment
    /// C_TS: d_T x d_S.
    let ts: Moment
    /// C_TT: d_T x d_T.
    let tt: Moment
    private let means: (student: [Double], teacher: [Double])

    fileprivate init(counts: ArraySlice<Double>, sums: ArraySlice<Tensor>, width: Int) {
        let (counts, sums) = (Array(counts), Array(sums))
        weight = counts[0]
        let divisor = counts[0] > 0 ? counts[0] : 1
        let means = counts.dropFirst().map { $0 / divisor }
        let (student, teacher) = (Array(means[..<width]), Array(means[width...]))
        self.means = (student, teacher)
        ss = Moment(sums[0], over: divisor, minus: student, student)
        ts = Moment(sums[1], over: divisor, minus: teacher, student)
        tt = Moment(sums[2], over: divisor, minus: teacher, teacher)
    }

    /// The gradient of the loss by the student's rows; nil for zero.
    fileprivate func gradient(
        _ cost: Cost, _ student: Tensor, _ teacher: Tensor, weights: [Float], factor: Double
    ) -> Tensor? {
        guard let slopes = cost.slopes else { return nil }
        let other = teacher.minus(means.teacher).scaledRows(by: weights)
        let own = student.minus(means.student).scaledRows(by: weights)
        return other.matmul(slopes.teacher.tensor(times: factor))
            + own.matmul(slopes.student.tensor(times: factor))
    }
}

/// A small matrix in Double, row by row.
struct Moment {
    let columns: Int
    var values: [Double]

    /// A matrix of the given rows.
    init(columns: Int, values: [Double]) {
        self.columns = columns
        self.values = values
    }

    /// `sum / divisor - left rightᵀ`.
    fileprivate init(
        _ sum: Tensor, over divisor: Double, minus left: [Double], _ right: [Double]
    ) {
        columns = right.count
        values = sum.withValues { sum in
            sum.indices.map { place in
                Double(sum[place]) / divisor
                    - left[place / right.count] * right[place % right.count]
            }
        }
    }

    var rows: Int { values.count / columns }

    /// The sum of the squares.
    var squaredNorm: Double { values.reduce(0) { $0 + $1 * $1 } }

    /// The sum of the diagonal.
    var trace: Double {
        stride(from: 0, to: values.count, by: columns + 1).reduce(0) { $0 + values[$1] }
    }

    /// The matrix times a number.
    func scaled(by factor: Double) -> Moment {
        Moment(columns: columns, values: values.map { factor * $0 })
    }

    fileprivate func tensor(times factor: Double) -> Tensor {
        Tensor(rows: rows, columns: columns, values.map { Float(factor * $0) })
    }
}

extension Tensor {
    /// Σ w x of each column, in Double.
    fileprivate func weightedSums(_ weights: [Float]) -> [Double] {
        withValues { values in
            var sums = [Double](repeating: 0, count: columns)
            for row in 0..<rows {
                let weight = Double(weights[row])
                for column in 0..<columns {
                    sums[column] += weight * Double(values[row * columns + column])
                }
            }
            return sums
        }
    }

    /// The rows minus one row.
    fileprivate func minus(_ row: [Double]) -> Tensor {
        withValues { values in
            Tensor(rows: rows, columns: columns) { moved in
                for first in stride(from: 0, to: values.count, by: columns) {
                    for column in 0..<columns {
                        moved[first + column] = Float(Double(values[first + column]) - row[column])
                    }
                }
            }
        }
    }
}
