package import Networks
import PointClouds
import Settings
package import Tensors

/// Self-distillation, stage by stage, without a teacher (LSSKD).
///
/// The student has an auxiliary head at each tap l, which scores the 4 K joint labels 4 y + r of class and
/// quarter turn, and at each tap except the last, L, a linear projector to the width of L:
///
///     L = labels CE(p, y) + joint Σ_l mean over labelled voxels of CE(q_l, 4 y + r)
///       + divergences Σ_l T² mean over voxels of KL( softmax(target_l / T) || softmax(q_l / T) )
///       + features Σ_l≠L mean over voxels and channels of (proj_l(F_l) - F_L)²
///
/// target_l are the scores of the last head, or of head l with the moving average of the weights
/// (``Target``). F_L and target are held constant: they receive no gradient. Where stage l pools the voxels
/// of stage L, it is compared with their mean; where stage L is coarser, with the voxel that it is pooled
/// into. The last tap is the one computed last: with encoder and decoder taps the finest decoder stage,
/// with encoder taps only the coarsest stage.
///
/// Contributes the numbers of points and labelled points and, per head, of voxels and labelled voxels;
/// every tenth step also of correctly classified voxels. Grade: style (A Layered Self-Supervised Knowledge
/// Distillation Framework, arXiv 2506.07055, names the terms; the pooling and the means are ours). Heads
/// and projectors are not part of the exported student.
package struct LayeredSelf: Objective {
    /// The name in recipes and logs: `layered.self`.
    package static let name = "layered.self"

    /// Source of the heads' targets.
    package enum Target: String, Sendable, CaseIterable {
        /// The last head.
        case deepest
        /// The same head with the moving average of the weights.
        case average
    }

    /// The taps of the heads; nil for every tap of the student.
    package var taps: [Tap]?
    /// The source of the heads' targets.
    package var target: Target
    /// The weight of the cross entropy of the class scores.
    package var labels: Double
    /// The weight of the heads' cross entropies.
    package var joint: Double
    /// The weight of the divergences.
    package var divergences: Double
    /// The weight of the features' squared distances.
    package var features: Double
    /// T > 0.
    package var temperature: Double

    /// Self-distillation with the given weights.
    package init(
        taps: [Tap]? = nil, target: Target = .deepest, labels: Double = 1, joint: Double = 1,
        divergences: Double = 1, features: Double = 1, temperature: Double = 3
    ) {
        precondition(temperature > 0, "A temperature is positive.")
        self.taps = taps
        self.target = target
        self.labels = labels
        self.joint = joint
        self.divergences = divergences
        self.features = features
        self.temperature = temperature
    }

    /// Quarter turns, labels where present, and for the target `average` the moving average.
    package var needs: Needs {
        var needs: Needs = .quarterTurns
        if labels > 0 || joint > 0 { needs.insert(.someLabels) }
        if target == .average { needs.insert(.average) }
        return needs
    }

    /// The Swift expression that makes it: `LayeredSelf(temperature: 3)`.
    package var description: String {
        func weight(_ label: String, _ value: Double) -> (String, String)? {
            value == 1 ? nil : (label, short(value))
        }
        return formula(
            of: Self.self,
            [
                Self.argument(taps), target == .deepest ? nil : ("target", ".\(target)"),
                weight("labels", labels), weight("joint", joint),
                weight("divergences", divergences), weight("features", features),
                ("temperature", short(temperature)),
            ])
    }

    /// The taps of the heads.
    package func taps(for pair: NetworkPair) throws -> TapDemand {
        TapDemand(student: try places(for: pair).map(\.tap))
    }

    /// Heads and projectors: `auxiliary.enc1.hidden.weight`, `projectors.enc1.weight` and so on.
    package func parameters(for pair: NetworkPair) throws -> [ParameterSpecification] {
        let places = try places(for: pair)
        let heads = AuxiliaryHeads(at: places, classes: 4 * pair.classes).specifications
        guard features > 0, let last = places.last else { return heads }
        let scope = ParameterScope()["projectors"]
        for place in places.dropLast() {
            _ = Linear(
                scope[place.tap.description], inputs: place.width, outputs: last.width)
        }
        return heads + scope.declared
    }

    private func places(for pair: NetworkPair) throws -> [TapDescription] {
        let places = try pair.student.chosen(taps, for: self)
        guard places.count > 1 || target == .average else {
            throw ObjectiveError(
                "\(Self.name): a single head has no deeper one to follow: name several taps, or say "
                    + "target: average.")
        }
        return places
    }

    /// The counts of all heads.
    package func exchange(for pair: NetworkPair) throws -> ExchangeForm {
        .counts(LayeredCounts.count(heads: try places(for: pair).count))
    }

    /// The numbers of points, of labelled points, and of each head's voxels.
    package func contribution(of input: ObjectiveInput) throws -> Contribution {
        try input.checkLabels(for: self)
        return Contribution(counts: LayeredCounts(input, labels: input.labels).counts)
    }

    /// This micro-shard's share of the four parts.
    package func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        try input.checkLabels(for: self)
        let taps = input.parameters.auxiliaryTaps
        let counts = try LayeredCounts(totals, taps: taps, for: self)
        let logits = input.student.logits
        var sum: Tensor
        if counts.labelled > 0, labels > 0 {
            let (value, gradient) = logits.labelCost(
                input.labels, scale: labels / counts.labelled)
            sum = .share("layered labels", of: logits, value: value, gradient: gradient)
        } else {
            sum = .share("layered labels", of: logits, value: 0, gradient: nil)
        }
        let scores = input.auxiliaryScores()
        let targets = try targets(input, scores)
        for (place, head) in scores.enumerated() {
            let count = counts.heads[place]
            sum =
                sum
                + head.scores.jointCost(
                    input, at: head.tap, among: count.labelled, weight: joint)
            guard count.rows > 0 else { continue }
            if let wanted = targets[place] {
                let (value, gradient) = head.scores.softCost(
                    to: wanted, temperature: temperature,
                    scale: divergences * temperature * temperature / count.rows)
                sum =
                    sum
                    + .share("layered targets", of: head.scores, value: value, gradient: gradient)
            }
        }
        return features > 0 ? sum + distances(input, counts) : sum
    }

    /// The target of each head, as constants; nil for the last one if it is the target.
    private func targets(
        _ input: ObjectiveInput, _ scores: [(tap: Tap, scores: Tensor)]
    ) throws -> [Tensor?] {
        guard divergences > 0, let last = scores.last else { return scores.map { _ in nil } }
        switch target {
        case .deepest:
            // Held, not only detached: the contract's finite differences must not move the target either.
            let told = input.held(last.scores)
            return scores.dropLast().map { head in
                input.carried(told, from: last.tap.stage, to: head.tap.stage)
            } + [nil]
        case .average:
            guard let average = input.average else {
                throw ObjectiveError("\(Self.name) needs a moving average, and none was kept.")
            }
            return average.parameters.auxiliaryScores(classes: input.classes) {
                average.student.features(at: $0)
            }.map(\.scores)
        }
    }

    /// The mean squared distances between projected features and those of the last tap.
    private func distances(_ input: ObjectiveInput, _ counts: LayeredCounts) -> Tensor {
        let taps = input.parameters.auxiliaryTaps
        guard let last = taps.last else { return Tensor(0) }
        // The last tap is the target of the others; a gradient into it would pull it towards them.
        let wanted = input.held(input.student.features(at: last))
        return zip(taps.dropLast(), counts.heads).reduce(Tensor(0)) { sum, part in
            let (tap, rows) = (part.0, part.1.rows)
            let own = input.parameters
            let projected = input.student.features(at: tap)
                .linear(own["projectors.\(tap).weight"], bias: own["projectors.\(tap).bias"])
            let gap = projected.detached - input.carried(wanted, from: last.stage, to: tap.stage)
            let scale = rows > 0 ? features / (rows * Double(wanted.columns)) : 0
            return sum
                + .share(
                    "layered features", of: projected, value: scale * gap.squaredNorm,
                    gradient: gap.scaled(by: Float(2 * scale)))
        }
    }

    /// The heads' accuracy on class and turn.
    package func metrics(
        given totals: Totals, parameters: BoundParameters, step: Int
    ) throws -> [Metric] {
        let taps = parameters.auxiliaryTaps
        return try LayeredCounts(totals, taps: taps, for: self).metrics(taps)
    }
}

extension ObjectiveInput {
    /// Values of one stage's voxels at another stage: the mean over the voxels that a coarser voxel pools,
    /// or the value of the coarser voxel that a finer one is pooled into.
    fileprivate func carried(_ values: Tensor, from stage: Int, to other: Int) -> Tensor {
        if stage == other { return values }
        return stage < other
            ? values.segmentMean(hierarchy.segments(ofStage: other, from: stage))
            : values.gatherRows(segments: hierarchy.segments(ofStage: stage, from: other))
    }
}

extension LayeredSelf {
    /// Its catalogue entry.
    static let entry = ObjectiveEntry(
        name: name,
        formula: "l_ce CE + l_joint sum CE(q_l, 4y + r) + l_kl sum T² mean KL(target_l || q_l) "
            + "+ l_f sum mean (proj(F_l) - F_last)², target and F_last held constant",
        source: "LSSKD (arXiv 2506.07055); pooling and means are this project's",
        grade: .style,
        settings: [
            .init("target", "deepest", "deepest: the last head; average: the moving average's"),
            .init("l-ce", "1", "weight of the cross entropy with the labels"),
            .init("l-joint", "1", "weight of the heads' cross entropies with class and turn"),
            .init("l-kl", "1", "weight of the divergences from the target"),
            .init("l-f", "1", "weight of the features' distances"),
            .init("temperature", "3", "T, above 0"),
            .init("taps", "all", "where the heads stand: a list such as [enc1, enc2, dec0]"),
        ]
    ) { read in
        let target = try read.word("target", of: Target.allCases.map(\.rawValue))
        return .init(
            objective: LayeredSelf(
                taps: try read.taps("taps"), target: target.flatMap(Target.init) ?? .deepest,
                labels: try read.nonNegative("l-ce", default: 1),
                joint: try read.nonNegative("l-joint", default: 1),
                divergences: try read.nonNegative("l-kl", default: 1),
                features: try read.nonNegative("l-f", default: 1),
                temperature: try read.positive("temperature", default: 3)),
            weight: 1)
    }
}
