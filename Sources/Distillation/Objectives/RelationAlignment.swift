import Networks
import Settings

/// Alignment of the centred affinities of all points of the mini-batch with the teacher's, classes
/// counting about alike (linear CKA, Kornblith et al., ICML 2019, with weights).
///
/// With C the centred moments at a tap, in which points of rare classes count more (``BalancedMoments``),
///
///     L = 1 - a / (b c),   a = ‖C_TS‖²,  b = ‖C_SS‖,  c = ‖C_TT‖   (Frobenius),
///
/// averaged over the taps by their weights. L does not depend on the scale of either network's features,
/// nor on a common component, and the widths may differ. The gradient is
///
///     ∂L/∂s_n = -(2 w_n / W) [C_TSᵀ (t_n - m_T) / (b c) - a C_SS (s_n - m_S) / (b³ c)].
///
/// No affinity is computed: cost O(N d²). Contributes W, the weighted sums and the second moments.
/// Grade: ours.
package struct RelationAlignment: MomentObjective {
    /// The name in recipes and logs: `relation.alignment`.
    package static let name = "relation.alignment"

    /// The taps with their weights, each once.
    package var levels: [StageFeatures.Level]
    /// The exponent of the weights: 0 counts all points alike, 1 all classes of a cloud.
    package var balance: Double

    /// An alignment at the given taps.
    ///
    /// By default at the finest encoder stage: features of the last decoder stage are one linear map away
    /// from the logits, so that soft targets imply their affinities.
    package init(
        levels: [StageFeatures.Level] = [.init(.encoder(0))], balance: Double = 0.5
    ) {
        precondition(
            Set(levels.map(\.tap)).count == levels.count
                && levels.contains { $0.weight > 0 } && levels.allSatisfy { $0.weight >= 0 },
            "Each tap once; weights are not negative, and not all of them 0.")
        self.levels = levels
        self.balance = balance
    }

    /// The Swift expression that makes it: `RelationAlignment(balance: 0.5)`.
    package var description: String {
        formula(
            of: Self.self,
            [
                ("levels", "[\(levels.map(\.description).joined(separator: ", "))]"),
                ("balance", short(balance)),
            ])
    }

    func cost(of moments: CentredMoments) -> CentredMoments.Cost {
        let a = moments.ts.squaredNorm
        let b = moments.ss.squaredNorm.squareRoot()
        let c = moments.tt.squaredNorm.squareRoot()
        // A teacher without differences: there is nothing to align.
        guard c > 0 else { return .init(value: 0) }
        // A constant student: every direction is as good.
        guard b > 0 else { return .init(value: 1) }
        return .init(
            value: 1 - a / (b * c),
            slopes: (
                moments.ts.scaled(by: -2 / (moments.weight * b * c)),
                moments.ss.scaled(by: 2 * a / (moments.weight * b * b * b * c))
            ))
    }
}

extension RelationAlignment {
    /// Its catalogue entry.
    static let entry = ObjectiveEntry(
        name: name,
        formula: "1 - centred kernel alignment of all points' affinities, by second moments",
        source: "this project; CKA (Kornblith et al., ICML 2019) with class weights",
        grade: .ours,
        settings: BalancedMoments.settings
    ) { read in
        let moments = try BalancedMoments(read)
        return .init(
            objective: RelationAlignment(levels: moments.levels, balance: moments.balance),
            weight: 1)
    }
}
