package import Networks
import Settings
package import Tensors

/// Distance between normalised features through a trained linear projector: the simple recipe of Miles &
/// Mikolajczyk (arXiv 2303.11098).
///
///     L = log( Σ_nc |f_S - f_T|^α + ε ),   f_S = norm(F_S Wᵀ), f_T = norm(F_T),   ε = 1e-5,
///
/// over all points n of the mini-batch and the teacher's channels c. `norm` brings each channel to mean 0
/// and variance 1 over the whole mini-batch, on both sides, without scale or shift, with 1e-4 added to the
/// (biased) variances; or it works row by row (``Normalization``). The logarithm makes the gradient
/// independent of the scale and limits the influence of single points. The trained projector selects the
/// directions of the teacher's features that count.
///
/// Backward, with d = f_S - f_T: g = α |d|^(α-1) sign d / (Σ + ε) by f_S, then the backward of batch norm,
/// whose means over the mini-batch are exchanged a second time. (Batch norm cancels a bias of the
/// projector; with the other normalisations it has one.)
///
/// A mini-batch has one row per point, where the source has one per image. Cost 3 O(N d_S d_T).
/// Contributes 1 + 4 d_T numbers and responds with 1 + 2 d_T (batch norm), or contributes 2. All sums are
/// in Double. Grade: exact (the authors' recipe for CNNs, whose logarithm has no ε; weight 2, beside cross
/// entropy and soft targets at T = 1).
package struct FeatureProjector: Objective {
    /// The name in recipes and logs: `feature.projector`.
    package static let name = "feature.projector"

    /// Normalisation of both sides before they are compared.
    package enum Normalization: Sendable, Hashable {
        /// By each channel's mean and deviation over the mini-batch.
        case batch
        /// By each row's mean and deviation over its channels.
        case layer
        /// By each row's mean and deviation over each of so many groups of channels.
        case group(Int)
        /// No normalisation.
        case none
    }

    /// α: from 1 up.
    package var exponent: Int
    /// The normalisation of both sides.
    package var normalization: Normalization

    /// A comparison of projected features by an exponent.
    package init(exponent: Int = 4, normalization: Normalization = .batch) {
        precondition(exponent > 0, "An exponent is from 1 up.")
        self.exponent = exponent
        self.normalization = normalization
    }

    /// The teacher's features.
    package var needs: Needs { .teacherFeatures }

    /// Whether the gradient needs means that depend on the mini-batch's statistics: with batch norm.
    package var responds: Bool { normalization == .batch }

    /// The Swift expression that makes it: `FeatureProjector(exponent: 4)`.
    package var description: String {
        let text: String? =
            switch normalization {
            case .batch: nil
            case .layer: ".layer"
            case .group(let groups): ".group(\(groups))"
            case .none: ".none"
            }
        return formula(
            of: Self.self, [("exponent", String(exponent)), text.map { ("normalization", $0) }])
    }

    /// The projector: `projector.weight` and, except with batch norm, `projector.bias`.
    package func parameters(for pair: NetworkPair) throws -> [ParameterSpecification] {
        let scope = ParameterScope()
        let widths = try pair.widths(for: self)
        if case .group(let groups) = normalization, !widths.teacher.isMultiple(of: groups) {
            throw ObjectiveError(
                "\(Self.name): the teacher's \(widths.teacher) channels at \(pair.taps.teacher) "
                    + "cannot be divided into \(groups) groups: choose a number that divides them.")
        }
        _ = Linear(
            scope["projector"], inputs: widths.student, outputs: widths.teacher,
            // Batch norm subtracts the mean and with it any bias, whose gradient would be zero.
            bias: normalization != .batch)
        return scope.declared
    }

    /// With batch norm the moments of both sides, then the sums that depend on them; otherwise two
    /// counts.
    package func exchange(for pair: NetworkPair) throws -> ExchangeForm {
        guard responds else { return .counts(2) }
        let width = try pair.widths(for: self).teacher
        return ExchangeForm(
            ContributionForm(counts: 1 + 4 * width),
            response: ContributionForm(counts: 1 + 2 * width))
    }

    /// With batch norm the number of points and, per channel, the sums of both sides' values and of their
    /// squares; otherwise the number of points and the sum in the logarithm.
    package func contribution(of input: ObjectiveInput) throws -> Contribution {
        let teacher = try input.teacher(for: self).features
        let projected = projected(input).detached
        let rows = Double(teacher.rows)
        // The sum in the logarithm needs the mini-batch's moments, so it is exchanged in the response.
        guard normalization != .batch else {
            return Contribution(
                counts: [rows] + projected.columnPowers + teacher.columnPowers)
        }
        let gap = gap(projected, teacher, scales: nil)
        return Contribution(counts: [rows, gap.powers()])
    }

    /// With batch norm the sum in the logarithm and, per channel, the sums of its slopes and of the slopes
    /// times the normalised values.
    package func response(of input: ObjectiveInput, to totals: Totals) throws -> Contribution {
        let teacher = try input.teacher(for: self).features
        guard responds else { return .nothing }
        let projected = projected(input).detached
        let gap = gap(projected, teacher, scales: try scales(totals, teacher.columns))
        return Contribution(counts: gap.sums())
    }

    /// This micro-shard's share, in proportion to its number of points.
    package func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        let teacher = try input.teacher(for: self).features
        let width = teacher.columns
        let scales = try scales(totals, width)
        let projected = projected(input)
        let points = totals.whole.counts[0]
        guard points > 0 else {
            return .share("projector", of: projected, value: 0, gradient: nil)
        }
        let sum: Double
        var means = (slopes: [Double](), along: [Double]())
        if responds {
            let counts = totals.responses.counts
            guard counts.count == 1 + 2 * width else { throw totals.mismatch(self) }
            sum = counts[0]
            means.slopes = counts[1...width].map { $0 / points }
            means.along = counts[(width + 1)...].map { $0 / points }
        } else {
            sum = totals.whole.counts[1]
        }
        let gap = gap(projected.detached, teacher, scales: scales)
        return .share(
            "projector", of: projected,
            value: logarithm(sum + Self.epsilon) * Double(teacher.rows) / points,
            gradient: gap.gradient(factor: 1 / (sum + Self.epsilon), means: means))
    }

    /// Every ten steps: the largest and the smallest singular value of the projector, and its
    /// effective rank (Roy & Vetterli 2007), e to the entropy of the singular values' shares.
    package func metrics(
        given totals: Totals, parameters: BoundParameters, step: Int
    ) throws -> [Metric] {
        // The spectrum costs O(n² m), more than the optimiser's update of the projector.
        guard step.isMultiple(of: 10) else { return [] }
        let spectrum = Spectrum(of: parameters["projector.weight"])
        let rank = spectrum.effectiveRank
        let most = Double(spectrum.values.count)
        return [
            Metric("largest-singular-value", spectrum.values.first ?? 0),
            Metric("smallest-singular-value", spectrum.values.last ?? 0),
            Metric(
                "effective-rank", rank,
                warning: rank < 1 + Self.collapsed * (most - 1)
                    ? "\(Self.name): of \(Int(most)) dimensions the projector keeps about "
                        + "\(Int(rank.rounded())): what the student learns of the teacher's features "
                        + "is little; lower the term's weight or the optimiser's rate, or choose "
                        + "another normalisation." : nil),
        ]
    }

    /// Below this share of the way from rank 1 to full rank the projector counts as collapsed.
    private static let collapsed = 0.1
    // Keeps the logarithm finite where student and teacher agree.
    private static let epsilon = 1e-5

    private func projected(_ input: ObjectiveInput) -> Tensor {
        input.student.features.linear(
            input.parameters["projector.weight"],
            bias: normalization == .batch ? nil : input.parameters["projector.bias"])
    }

    private func gap(
        _ student: Tensor, _ teacher: Tensor, scales: NormalizedGap.Scales?
    ) -> NormalizedGap {
        let groups: Int? =
            switch normalization {
            case .batch, .none: nil
            case .layer: 1
            case .group(let groups): groups
            }
        return NormalizedGap(
            student: student, teacher: teacher, exponent: exponent, scales: scales, groups: groups)
    }

    /// The mini-batch's statistics; nil if none are needed.
    private func scales(_ totals: Totals, _ width: Int) throws -> NormalizedGap.Scales? {
        guard responds else {
            _ = try totals.counts(2, for: self)
            return nil
        }
        let counts = try totals.counts(1 + 4 * width, for: self)
        let sums = (0..<4).map { Array(counts[(1 + $0 * width)..<(1 + ($0 + 1) * width)]) }
        return NormalizedGap.Scales(
            student: .init(points: counts[0], sums: sums[0], squares: sums[1]),
            teacher: .init(points: counts[0], sums: sums[2], squares: sums[3]))
    }
}

extension FeatureProjector {
    /// Its catalogue entry.
    static let entry = ObjectiveEntry(
        name: name,
        formula: "log Σ |norm(F_S Wᵀ) - norm(F_T)|^α over all points and channels",
        source: "Miles & Mikolajczyk, arXiv 2303.11098",
        grade: .exact,
        settings: [
            .init("exponent", "4", "α, a whole number from 1 up"),
            .init("normalization", "batch", "batch, layer, group or none"),
            .init("groups", "16", "group: how many groups of channels"),
        ]
    ) { read in
        let word = try read.word("normalization", of: ["batch", "layer", "group", "none"])
        let groups = try read.integer("groups", default: 16, in: 1...Int(Int32.max))
        guard word == "group" || !read.has("groups") else {
            throw read.error(
                "\(read.name).groups: only normalization: group has any: remove it or say so.")
        }
        let normalization: Normalization =
            switch word {
            case "layer": .layer
            case "group": .group(groups)
            case "none": .none
            default: .batch
            }
        return .init(
            objective: FeatureProjector(
                exponent: try read.integer("exponent", default: 4, in: 1...16),
                normalization: normalization),
            weight: 2)
    }
}
