import Networks
import Settings
package import Tensors

/// Consistency of two views of the same points: the student in each view follows the teacher in both
/// views where the teacher is confident (CRLD).
///
/// With the scores z of student S and teacher T for the weak view w and the strong view s,
/// kd(a, b) = T² KL( softmax(b / T) || softmax(a / T) ) per point, and the masks
/// m_w = [max softmax(z_Tw) >= threshold_w], m_s = [max softmax(z_Ts) >= threshold_s]:
///
///     L = labels (CE(z_Sw, y) + CE(z_Ss, y))
///       + within mean_n[ (kd(z_Sw, z_Tw) + kd(z_Ss, z_Ts)) m_w ]
///       + across mean_n[ (kd(z_Ss, z_Tw) + kd(z_Sw, z_Ts)) m_s ]
///
/// CE are means over the labelled points of the mini-batch. The other means are over all its points, not
/// only those that the masks keep, so a mask also scales the terms. Each mask gates a family of terms, as
/// in the authors' code; with ``Gate/view`` it gates the terms whose target is the teacher in its view.
/// Backward, per point and term: factor * T (q - p) mask / N by the view's scores.
///
/// Contributes the numbers of points, of labelled points, and of points that each mask keeps; reports the
/// last two as shares of the first (`kept-weak`, `kept-strong`). Grade: exact (Cross-View Consistency
/// Regularisation for Knowledge Distillation, arXiv 2412.16493, and its released code).
package struct CrossView: Objective {
    /// The name in recipes and logs: `view.cross`.
    package static let name = "view.cross"

    /// Terms that each mask gates.
    package enum Gate: String, Sendable, CaseIterable {
        /// The weak view's mask gates both terms within a view, the strong view's mask both terms across
        /// views, as in the authors' code.
        case family
        /// Each mask gates the terms whose target is the teacher in its view.
        case view
    }

    /// The weight of the cross entropies.
    package var labels: Double
    /// The weight of the terms within a view.
    package var within: Double
    /// The weight of the terms across views.
    package var across: Double
    /// T > 0.
    package var temperature: Double
    /// The teacher's least confidence in a point in the weak and in the strong view; from 0 to 1.
    package var thresholds: (weak: Double, strong: Double)
    /// The terms that each mask gates.
    package var gate: Gate

    /// The consistency of two views.
    package init(
        labels: Double = 1, within: Double = 2, across: Double = 0.5, temperature: Double = 4,
        thresholds: (weak: Double, strong: Double) = (0.9, 0.2), gate: Gate = .family
    ) {
        precondition(temperature > 0, "A temperature is positive.")
        self.labels = labels
        self.within = within
        self.across = across
        self.temperature = temperature
        self.thresholds = thresholds
        self.gate = gate
    }

    /// The strong view, the teacher's scores, and labels where present.
    package var needs: Needs {
        labels > 0 ? [.strongView, .teacherLogits, .someLabels] : [.strongView, .teacherLogits]
    }

    /// The Swift expression that makes it.
    package var description: String {
        formula(
            of: Self.self,
            [
                ("labels", short(labels)), ("within", short(within)), ("across", short(across)),
                ("temperature", short(temperature)),
                thresholds == (0.9, 0.2)
                    ? nil
                    : ("thresholds", "(\(short(thresholds.weak)), \(short(thresholds.strong)))"),
                gate == .family ? nil : ("gate", ".\(gate)"),
            ])
    }

    /// Four counts.
    package func exchange(for pair: NetworkPair) throws -> ExchangeForm { .counts(4) }

    /// Four counts: points, labelled points, and the points that each mask keeps.
    package func contribution(of input: ObjectiveInput) throws -> Contribution {
        try input.checkLabels(for: self)
        let teacher = try teachers(input)
        func kept(_ mask: [Float]) -> Double { mask.reduce(0) { $0 + Double($1) } }
        return Contribution(counts: [
            Double(input.rows), Double(input.labels.count { $0 >= 0 }),
            kept(teacher.weak.confidence(atLeast: thresholds.weak)),
            kept(teacher.strong.confidence(atLeast: thresholds.strong)),
        ])
    }

    /// This micro-shard's points' share.
    package func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        try input.checkLabels(for: self)
        let counts = try totals.counts(4, for: self)
        let (points, labelled) = (counts[0], counts[1])
        let teacher = try teachers(input)
        let student = (
            weak: input.student.logits, strong: try strong(input).student.logits
        )
        guard points > 0 else {
            return .share("cross view", of: student.weak, value: 0, gradient: nil)
        }
        let weak = teacher.weak.confidence(atLeast: thresholds.weak)
        let strong = teacher.strong.confidence(atLeast: thresholds.strong)
        let scale = temperature * temperature / points
        /// The terms of one view's scores: CE, the teacher in its view, the teacher in the other view.
        func view(_ logits: Tensor, _ terms: [(target: Tensor, weight: Double, mask: [Float])])
            -> Tensor
        {
            var value = 0.0
            var gradient: Tensor?
            func add(_ term: (value: Double, gradient: Tensor)) {
                value += term.value
                gradient = gradient.map { $0 + term.gradient } ?? term.gradient
            }
            if labelled > 0, labels > 0 {
                add(logits.labelCost(input.labels, scale: labels / labelled))
            }
            for term in terms where term.weight > 0 {
                add(
                    logits.softCost(
                        to: term.target, temperature: temperature, scale: scale * term.weight,
                        factors: term.mask))
            }
            return .share("cross view", of: logits, value: value, gradient: gradient)
        }
        let byView = gate == .view
        return view(
            student.weak,
            [(teacher.weak, within, weak), (teacher.strong, across, strong)])
            + view(
                student.strong,
                [
                    (teacher.strong, within, byView ? strong : weak),
                    (teacher.weak, across, byView ? weak : strong),
                ])
    }

    /// The share of points that each mask keeps.
    package func metrics(
        given totals: Totals, parameters: BoundParameters, step: Int
    ) throws -> [Metric] {
        let counts = try totals.counts(4, for: self)
        let points = max(counts[0], 1)
        return [
            Metric("kept-weak", counts[2] / points), Metric("kept-strong", counts[3] / points),
        ]
    }

    private func strong(_ input: ObjectiveInput) throws -> ObjectiveInput.View {
        guard let strong = input.strong else {
            throw ObjectiveError("\(Self.name) needs a strong view, and none was made.")
        }
        return strong
    }

    private func teachers(_ input: ObjectiveInput) throws -> (weak: Tensor, strong: Tensor) {
        let weak = try input.teacher(for: self)
        guard let strong = try strong(input).teacher else {
            throw ObjectiveError.noTeacher(Self.name)
        }
        return (
            try weak.logits(of: input.classes, for: self),
            try strong.logits(of: input.classes, for: self)
        )
    }
}

extension Tensor {
    /// 1 for each row whose softmax has an entry of at least the threshold, else 0.
    fileprivate func confidence(atLeast threshold: Double) -> [Float] {
        let probabilities = detached.softmax()
        return probabilities.withValues { p in
            (0..<rows).map { row in
                var most: Float = 0
                for k in row * columns..<(row + 1) * columns { most = max(most, p[k]) }
                return Double(most) >= threshold ? 1 : 0
            }
        }
    }
}

extension CrossView {
    /// Its catalogue entry.
    static let entry = ObjectiveEntry(
        name: name,
        formula: "l_ce (CE_w + CE_s) + l_wv mean[(kd(w,w) + kd(s,s)) m_w] "
            + "+ l_cv mean[(kd(s,w) + kd(w,s)) m_s], kd(student's view, teacher's view) at T, times T²",
        source: "CRLD (arXiv 2412.16493) and its released code",
        grade: .exact,
        settings: [
            .init("l-ce", "1", "weight of the cross entropies of both views"),
            .init("l-wv", "2", "weight of the terms within a view"),
            .init("l-cv", "0.5", "weight of the terms across views"),
            .init("temperature", "4", "T, above 0"),
            .init("threshold-weak", "0.9", "m_w: how sure the teacher is of the weak view, 0 to 1"),
            .init(
                "threshold-strong", "0.2", "m_s: how sure the teacher is of the strong view, 0 to 1"
            ),
            .init(
                "mask", "family",
                "family: m_w gates the terms within a view, m_s those across, as released; view: "
                    + "each gates the terms whose target is its view's teacher"),
            .init("preset", "small", "small: as above; large (data): l-ce 2, temperature 1"),
        ]
    ) { read in
        let large = try read.word("preset", of: ["small", "large"]) == "large"
        let gate = try read.word("mask", of: Gate.allCases.map(\.rawValue))
        let objective = CrossView(
            labels: try read.nonNegative("l-ce", default: large ? 2 : 1),
            within: try read.nonNegative("l-wv", default: 2),
            across: try read.nonNegative("l-cv", default: 0.5),
            temperature: try read.positive("temperature", default: large ? 1 : 4),
            thresholds: (
                try read.number("threshold-weak", default: 0.9, in: 0...1),
                try read.number("threshold-strong", default: 0.2, in: 0...1)
            ),
            gate: gate.flatMap(Gate.init) ?? .family)
        guard objective.labels + objective.within + objective.across > 0 else {
            throw read.error(
                "\(read.name): l-ce, l-wv and l-cv are all 0: remove the objective instead.")
        }
        return .init(objective: objective, weight: 1)
    }
}
