import Networks
import Settings
package import Tensors

/// Correlation with the teacher's class probabilities, class by class over the points of the mini-batch
/// and point by point over the classes.
///
/// With p and q the softmax of student and teacher at temperature T, and ρ the Pearson correlation:
///
///     L = classes * (1 - mean_k ρ(p_·k, q_·k)) + points * (1 - mean_n ρ(p_n·, q_n·))
///
/// Every class counts alike, however rare it is. Classes whose probability the teacher does not vary are
/// left out of the mean over k. Both standard deviations are those of `variance + 1e-10`, so that a
/// constant student has a gradient. Per class, with N points,
///
///     ∂ρ_k/∂p_nk = (q_nk - mean q_k) / (N σ_p σ_q) - ρ_k (p_nk - mean p_k) / (N σ_p²),
///
/// followed by the backward of the softmax; per point the same over the classes.
/// Contributes N and, per class, the sums of p, q, p², q² and p q. Cost O(N K). Grade: style (Huang et al.,
/// "Knowledge Distillation from A Stronger Teacher", NeurIPS 2022, where the correlations are taken over
/// one batch, times T²).
package struct SemanticCorrelation: Objective {
    /// The name in recipes and logs: `semantic.correlation`.
    package static let name = "semantic.correlation"

    /// The weight of the correlations of classes over points.
    package var classes: Double
    /// The weight of the correlations of points over classes.
    package var points: Double
    /// T > 0.
    package var temperature: Double

    /// Correlations with the given weights.
    package init(classes: Double = 1, points: Double = 0, temperature: Double = 1) {
        precondition(temperature > 0, "A temperature is positive.")
        self.classes = classes
        self.points = points
        self.temperature = temperature
    }

    /// The teacher's logits.
    package var needs: Needs { .teacherLogits }

    /// The Swift expression that makes it: `SemanticCorrelation(classes: 1)`.
    package var description: String {
        formula(
            of: Self.self,
            [
                ("classes", short(classes)), points == 0 ? nil : ("points", short(points)),
                temperature == 1 ? nil : ("temperature", short(temperature)),
            ])
    }

    /// The number of points and five sums per class.
    package func exchange(for pair: NetworkPair) throws -> ExchangeForm {
        .counts(1 + Moments.sums * pair.classes)
    }

    /// The number of points and, per class, the sums of ``Moments``.
    package func contribution(of input: ObjectiveInput) throws -> Contribution {
        let (p, q) = try probabilities(input)
        let width = input.classes
        var sums = [Double](repeating: 0, count: Moments.sums * width)
        p.withValues { p in
            q.withValues { q in
                for place in p.indices {
                    let (own, other) = (Double(p[place]), Double(q[place]))
                    let first = Moments.sums * (place % width)
                    sums[first] += own
                    sums[first + 1] += other
                    sums[first + 2] += own * own
                    sums[first + 3] += other * other
                    sums[first + 4] += own * other
                }
            }
        }
        return Contribution(counts: [Double(input.rows)] + sums)
    }

    /// The share of this micro-shard's points.
    package func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        let counts = try totals.counts(1 + Moments.sums * input.classes, for: self)
        let logits = input.student.logits
        let count = counts[0]
        guard count > 0 else {
            return .share("correlation", of: logits, value: 0, gradient: nil)
        }
        let (p, q) = try probabilities(input)
        let width = input.classes
        let moments = (0..<width).map { Moments(counts, class: $0) }
        let varied = moments.count { $0.isVaried }
        let perClass = varied > 0 ? classes / Double(varied) : 0
        let mean = moments.reduce(0) { $0 + ($1.isVaried ? $1.correlation : 0) } * perClass
        // Each point has its share of the mini-batch's value.
        var value = (varied > 0 ? classes - mean : 0) * Double(input.rows) / count
        let gradient = p.withValues { p in
            q.withValues { q in
                Tensor(rows: input.rows, columns: width) { gradient in
                    var slopes = [Double](repeating: 0, count: width)
                    for begin in stride(from: 0, to: p.count, by: width) {
                        for label in 0..<width {
                            slopes[label] =
                                -perClass
                                * moments[label].slope(
                                    Double(p[begin + label]), Double(q[begin + label]))
                        }
                        if points > 0 {
                            let own = Moments(p, q, begin..<begin + width)
                            value += points * (1 - own.correlation) / count
                            for label in 0..<width {
                                slopes[label] -=
                                    points / count
                                    * own.slope(Double(p[begin + label]), Double(q[begin + label]))
                            }
                        }
                        var along = 0.0
                        for label in 0..<width { along += slopes[label] * Double(p[begin + label]) }
                        for label in 0..<width {
                            gradient[begin + label] = Float(
                                Double(p[begin + label]) * (slopes[label] - along) / temperature)
                        }
                    }
                }
            }
        }
        return .share("correlation", of: logits, value: value, gradient: gradient)
    }

    private func probabilities(
        _ input: ObjectiveInput
    ) throws -> (student: Tensor, teacher: Tensor) {
        let teacher = try input.teacher(for: self).logits(of: input.classes, for: self)
        let factor = Float(1 / temperature)
        return (
            input.student.logits.detached.scaled(by: factor).softmax(),
            teacher.scaled(by: factor).softmax()
        )
    }
}

/// Moments of the probabilities of student and teacher over a set of points or classes.
private struct Moments {
    /// The sums per class: p, q, p², q², p q.
    static let sums = 5
    // Probabilities below 1e-5 on all points are noise of Float32.
    private static let leastVariance = 1e-10

    private let count: Double
    private let means: (p: Double, q: Double)
    private let deviations: (p: Double, q: Double)
    /// Whether the teacher's probability varies.
    let isVaried: Bool
    /// ρ.
    let correlation: Double

    private init(count: Double, p: Double, q: Double, pp: Double, qq: Double, pq: Double) {
        self.count = count
        means = (p / count, q / count)
        // Rounding can make the variance of equal numbers negative.
        let variances = (
            p: max(0, pp / count - means.p * means.p), q: max(0, qq / count - means.q * means.q)
        )
        isVaried = variances.q > Self.leastVariance
        deviations = (
            (variances.p + Self.leastVariance).squareRoot(),
            (variances.q + Self.leastVariance).squareRoot()
        )
        correlation = (pq / count - means.p * means.q) / (deviations.p * deviations.q)
    }

    /// The moments of a class over the mini-batch's points.
    init(_ counts: [Double], class label: Int) {
        let at = 1 + Self.sums * label
        self.init(
            count: counts[0], p: counts[at], q: counts[at + 1], pp: counts[at + 2],
            qq: counts[at + 3], pq: counts[at + 4])
    }

    /// The moments of a point over its classes.
    init(_ p: Span<Float>, _ q: Span<Float>, _ range: Range<Int>) {
        var sums = (p: 0.0, q: 0.0, pp: 0.0, qq: 0.0, pq: 0.0)
        for place in range {
            let (own, other) = (Double(p[place]), Double(q[place]))
            sums.p += own
            sums.q += other
            sums.pp += own * own
            sums.qq += other * other
            sums.pq += own * other
        }
        self.init(
            count: Double(range.count), p: sums.p, q: sums.q, pp: sums.pp, qq: sums.qq,
            pq: sums.pq)
    }

    /// ∂ρ/∂p at one place; 0 where the teacher does not vary.
    func slope(_ p: Double, _ q: Double) -> Double {
        guard isVaried else { return 0 }
        return (q - means.q) / (count * deviations.p * deviations.q)
            - correlation * (p - means.p) / (count * deviations.p * deviations.p)
    }
}

extension SemanticCorrelation {
    /// Its catalogue entry.
    static let entry = ObjectiveEntry(
        name: name,
        formula: "1 - mean over classes of the correlation of probabilities over points",
        source: "DIST (Huang et al., NeurIPS 2022)",
        grade: .style,
        settings: [
            .init("classes", "1", "weight of correlations of classes over points"),
            .init("points", "0", "weight of correlations of points over classes"),
            .init("temperature", "1", "T, above 0"),
        ]
    ) { read in
        let objective = SemanticCorrelation(
            classes: try read.nonNegative("classes", default: 1),
            points: try read.nonNegative("points", default: 0),
            temperature: try read.positive("temperature", default: 1))
        guard objective.classes > 0 || objective.points > 0 else {
            throw read.error(
                "\(read.name): classes and points are both 0: remove the objective instead.")
        }
        return .init(objective: objective, weight: 1)
    }
}
