package import Networks
import Settings
package import Tensors

/// Distance between features stage by stage, each through a linear projector (after the feature pyramid
/// of HKD, arXiv 1909.09325).
///
///     L = Σ_l w_l MSE_l / Σ_l w_l,   MSE_l = 1 / (N_l d_T,l) Σ_n || F_S,n W_lᵀ + b_l - F_T,n ||²
///
/// over the taps l and all N_l voxels of their stage in the mini-batch. Student and teacher pool the same
/// voxels down to each tap's stage (checked before the run), so rows correspond. The projectors are
/// trained with the student and are not exported.
///
/// Early stages are matched first. The weight can pass to later terms, or that of the logits to this one
/// (`fade`). Cost O(Σ N_l d_S d_T). Contributes N_l. Grade: style (the source names the hook points; the
/// form is ours).
package struct StageFeatures: Objective {
    /// The name in recipes and logs: `hierarchy.stages`.
    package static let name = "hierarchy.stages"

    /// Tap with its weight.
    package struct Level: Sendable, Hashable {
        /// The tap.
        package var tap: Tap
        /// The weight, from 0 up.
        package var weight: Double

        /// A tap with its weight.
        package init(_ tap: Tap, weight: Double = 1) {
            self.tap = tap
            self.weight = weight
        }
    }

    /// The taps, each once; nil for all taps that student and teacher share, with equal weights.
    package var levels: [Level]?

    /// A comparison at the given taps, or at all shared taps.
    package init(levels: [Level]? = nil) {
        precondition(
            levels.map { Set($0.map(\.tap)).count == $0.count } ?? true, "Each tap once.")
        precondition(
            levels.map { $0.contains { $0.weight > 0 } && $0.allSatisfy { $0.weight >= 0 } }
                ?? true, "Weights are not negative, and not all of them 0.")
        self.levels = levels
    }

    /// The teacher's features.
    package var needs: Needs { .teacherFeatures }

    /// The Swift expression that makes it: `StageFeatures()`.
    package var description: String {
        formula(
            of: Self.self,
            [
                levels.map { levels in
                    ("levels", "[\(levels.map(\.description).joined(separator: ", "))]")
                }
            ])
    }

    /// All shared taps, or the named ones.
    package func taps(for pair: NetworkPair) throws -> TapDemand {
        let taps = try chosen(pair)
        return TapDemand(student: taps, teacher: taps)
    }

    /// One projector per tap: `projectors.enc0.weight`, `projectors.enc0.bias`, ….
    package func parameters(for pair: NetworkPair) throws -> [ParameterSpecification] {
        let scope = ParameterScope()
        for tap in try chosen(pair) {
            _ = Linear(
                scope[Self.scope][tap.description], inputs: try pair.student.width(at: tap),
                outputs: try pair.teacher(for: self).width(at: tap))
        }
        return scope.declared
    }

    /// One count per tap.
    package func exchange(for pair: NetworkPair) throws -> ExchangeForm {
        .counts(try chosen(pair).count)
    }

    /// The number of voxels of each tap's stage.
    package func contribution(of input: ObjectiveInput) throws -> Contribution {
        _ = try input.teacher(for: self)
        return Contribution(
            counts: taps(in: input).map { Double(input.rows(ofStage: $0.stage)) })
    }

    /// The share of this micro-shard's voxels in the means.
    package func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        let teacher = try input.teacher(for: self)
        let taps = taps(in: input)
        let voxels = try totals.counts(taps.count, for: self)
        let weights = taps.map { tap in
            levels.map { $0.first { $0.tap == tap }?.weight ?? 0 } ?? 1
        }
        // Divided by the sum of the weights, which then distribute the term's weight without changing
        // it.
        let whole = weights.reduce(0, +)
        let parts = zip(taps, zip(weights, voxels)).map { tap, numbers in
            let (weight, voxels) = numbers
            let name = "\(Self.scope).\(tap)."
            let wanted = teacher.features(at: tap)
            return input.student.features(at: tap)
                .linear(
                    input.parameters[name + "weight"], bias: input.parameters[name + "bias"]
                )
                .squaredGap(
                    "stage features", to: wanted,
                    scale: weight / whole / (max(voxels, 1) * Double(wanted.columns)))
        }
        return parts.dropFirst().reduce(parts[0]) { $0 + $1 }
    }

    private static let scope = "projectors"

    private func chosen(_ pair: NetworkPair) throws -> [Tap] {
        guard let levels else {
            let taps = try pair.sharedTaps(for: self)
            guard !taps.isEmpty else {
                throw ObjectiveError(
                    "\(Self.name): student and teacher share no tap: give the student the teacher's "
                        + "stages.")
            }
            return taps
        }
        for level in levels {
            try pair.checkRows(student: level.tap, teacher: level.tap, for: self)
        }
        return levels.map(\.tap)
    }

    /// The taps that were chosen before the run: those that have a projector.
    private func taps(in input: ObjectiveInput) -> [Tap] {
        // Read from the parameters: the input also holds the taps that other terms have requested.
        input.parameters.names.filter { $0.hasSuffix(".bias") }.compactMap { name in
            Tap(String(name.dropFirst(Self.scope.count + 1).dropLast(".bias".count)))
        }
    }
}

extension StageFeatures.Level {
    /// The Swift expression that makes it: `Level(enc0, weight: 2)`.
    var description: String {
        weight == 1 ? "Level(\(tap))" : "Level(\(tap), weight: \(short(weight)))"
    }

    /// The taps with their weights in the setting `levels`; nil if it is absent.
    static func list(_ read: SettingsMapping) throws -> [Self]? {
        try read["levels"]?.mapping().weightsByKey().map { key, weight in
            guard let tap = Tap(key) else {
                throw read.error(
                    "\(read.name).levels.\(key): there is no such tap: write enc0, enc1, … or dec0, "
                        + "dec1, ….")
            }
            return Self(tap, weight: weight)
        }
    }
}

extension StageFeatures {
    /// Its catalogue entry.
    static let entry = ObjectiveEntry(
        name: name,
        formula: "weighted mean over taps of mean |F_S Wᵀ + b - F_T|²",
        source: "after HKD (arXiv 1909.09325)",
        grade: .style,
        settings: [
            .init("levels", "all shared taps", "{enc0: 1, dec0: 2, …}: taps with their weights")
        ]
    ) { read in
        .init(objective: StageFeatures(levels: try Level.list(read)), weight: 1)
    }
}
