import Networks
import Settings
package import Tensors

/// Divergence from the teacher's class distribution, softened by a temperature.
///
/// The form is that of Hinton, Vinyals & Dean (2015):
///
///     L = T² mean_n KL( softmax(z_teacher / T) || softmax(z_student / T) )
///
/// The mean is over all points of the mini-batch, including unlabelled ones. T² keeps the size of the
/// gradient as T grows. Sources disagree about it, so it can be left out, independently of all other
/// settings. Backward, per point: T² / T (q - p) / N.
/// Contributes the number of points. Grade: exact (SRKD's semantic term: T = 2, weight 0.3).
package struct SoftTargets: Objective {
    /// The name in recipes and logs: `semantic.soft-targets`.
    package static let name = "semantic.soft-targets"

    /// T > 0.
    package var temperature: Double
    /// Whether the mean is multiplied by T².
    package var scaleByTemperature: Bool

    /// Soft targets at a temperature.
    package init(temperature: Double = 2, scaleByTemperature: Bool = true) {
        precondition(temperature > 0, "A temperature is positive.")
        self.temperature = temperature
        self.scaleByTemperature = scaleByTemperature
    }

    /// The teacher's logits.
    package var needs: Needs { .teacherLogits }

    /// The Swift expression that makes it: `SoftTargets(temperature: 2)`.
    package var description: String {
        formula(
            of: Self.self,
            [
                ("temperature", short(temperature)),
                scaleByTemperature ? nil : ("scaleByTemperature", "false"),
            ])
    }

    /// One count.
    package func exchange(for pair: NetworkPair) throws -> ExchangeForm { .counts(1) }

    /// One count: the number of points.
    package func contribution(of input: ObjectiveInput) throws -> Contribution {
        _ = try input.teacher(for: self).logits(of: input.classes, for: self)
        return Contribution(counts: [Double(input.rows)])
    }

    /// The share of this micro-shard's points in the mean.
    package func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        let points = try totals.counts(1, for: self)[0]
        let teacher = try input.teacher(for: self).logits(of: input.classes, for: self)
        let logits = input.student.logits
        // A mini-batch of empty clouds has no mean; its loss is 0, not NaN.
        guard points > 0 else {
            return .share("soft targets", of: logits, value: 0, gradient: nil)
        }
        let (value, gradient) = logits.softCost(
            to: teacher, temperature: temperature,
            scale: (scaleByTemperature ? temperature * temperature : 1) / points)
        return .share("soft targets", of: logits, value: value, gradient: gradient)
    }
}

extension SoftTargets {
    /// Its catalogue entry.
    static let entry = ObjectiveEntry(
        name: name,
        formula: "T² mean over points of KL(softmax(z_teacher/T) || softmax(z_student/T))",
        source: "Hinton, Vinyals & Dean 2015; SRKD (arXiv 2506.17290)",
        grade: .exact,
        settings: [
            .init("temperature", "2", "T, above 0"),
            .init("scale-by-temperature", "true", "whether T² stands before the mean"),
        ]
    ) { read in
        .init(
            objective: SoftTargets(
                temperature: try read.positive("temperature", default: 2),
                scaleByTemperature: try read.flag("scale-by-temperature", default: true)),
            weight: 0.3)
    }
}
