package import Networks
import Settings
package import Tensors

/// Distillation of a teacher's auxiliary heads, stage by stage, and of its class scores (HSAKD's second
/// phase).
///
/// The student has a head at each tap where the teacher has one. With q the heads' scores of the 4 K joint
/// labels, p the scores of the K classes, and T the temperature:
///
///     L = labels CE(p_S, y)
///       + heads Σ_l T² mean over voxels of stage l of KL( softmax(q_T,l / T) || softmax(q_S,l / T) )
///       + scores T² mean over points of KL( softmax(p_T / T) || softmax(p_S / T) )
///
/// The student's heads learn from the teacher's heads only, not from labels, so every voxel counts,
/// labelled or not. Each cloud is turned once per step, as when the teacher's heads were trained
/// (``LayeredHeads``).
///
/// Contributes the numbers of points and labelled points and, per head, of voxels; every tenth step also
/// of labelled voxels that the student's heads classify correctly. Grade: exact (Hierarchical
/// Self-supervised Augmented Knowledge Distillation, IJCAI 2021, and its released code). The code shows
/// every image in all four turns and counts only the unturned one in the cross entropy; that is
/// ``Turns/upright``. The heads are not part of the exported student.
package struct LayeredStudent: Objective {
    /// The name in recipes and logs: `layered.student`.
    package static let name = "layered.student"

    /// Clouds that the cross entropy with the labels counts.
    package enum Turns: String, Sendable, CaseIterable {
        /// All clouds.
        case all
        /// Clouds that are not turned at this step.
        case upright
    }

    /// The taps of the heads; nil for every tap of the student where the teacher has a head.
    package var taps: [Tap]?
    /// The weight of the cross entropy.
    package var labels: Double
    /// The weight of the heads' divergences.
    package var heads: Double
    /// The weight of the class scores' divergence.
    package var scores: Double
    /// T > 0.
    package var temperature: Double
    /// The clouds that the cross entropy counts.
    package var labelled: Turns

    /// Distillation of a teacher with heads.
    package init(
        taps: [Tap]? = nil, labels: Double = 1, heads: Double = 1, scores: Double = 1,
        temperature: Double = 3, labelled: Turns = .all
    ) {
        precondition(temperature > 0, "A temperature is positive.")
        self.taps = taps
        self.labels = labels
        self.heads = heads
        self.scores = scores
        self.temperature = temperature
        self.labelled = labelled
    }

    /// The scores of teacher and heads, quarter turns, and labels where present.
    package var needs: Needs {
        let needs: Needs = [.teacherLogits, .teacherAuxiliary, .quarterTurns]
        return labels > 0 ? needs.union(.someLabels) : needs
    }

    /// The Swift expression that makes it: `LayeredStudent(temperature: 3)`.
    package var description: String {
        func weight(_ label: String, _ value: Double) -> (String, String)? {
            value == 1 ? nil : (label, short(value))
        }
        return formula(
            of: Self.self,
            [
                Self.argument(taps), weight("labels", labels), weight("heads", heads),
                weight("scores", scores), ("temperature", short(temperature)),
                labelled == .all ? nil : ("labelled", ".\(labelled)"),
            ])
    }

    /// The taps of the heads.
    package func taps(for pair: NetworkPair) throws -> TapDemand {
        TapDemand(student: try places(for: pair).map(\.tap))
    }

    /// The heads: `auxiliary.enc1.hidden.weight` and so on.
    package func parameters(for pair: NetworkPair) throws -> [ParameterSpecification] {
        AuxiliaryHeads(at: try places(for: pair), classes: 4 * pair.classes).specifications
    }

    private func places(for pair: NetworkPair) throws -> [TapDescription] {
        let offered = try pair.teacher(for: self).auxiliary
        let names = offered.map(\.tap.description).joined(separator: ", ")
        let places = try pair.student.chosen(taps, for: self).filter { place in
            taps != nil || offered.contains { $0.tap == place.tap }
        }
        guard !places.isEmpty else {
            throw ObjectiveError(
                "\(Self.name): the teacher has heads at \(names), where the student has no taps: "
                    + "train heads at taps both have.")
        }
        for place in places {
            guard let head = offered.first(where: { $0.tap == place.tap }) else {
                throw ObjectiveError(
                    "\(Self.name): the teacher has no head at \(place.tap); it has heads at "
                        + "\(names).")
            }
            guard head.width == 4 * pair.classes else {
                throw ObjectiveError(
                    "\(Self.name): the teacher's head at \(place.tap) gives \(head.width) scores, "
                        + "where four turns of \(pair.classes) classes are \(4 * pair.classes): "
                        + "train its heads with \(LayeredHeads.name) on the same classes.")
            }
            // Heads score voxels, so both networks must have the same ones at every tap that is compared.
            try pair.checkRows(student: place.tap, teacher: place.tap, for: self)
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
        _ = try input.teacher(for: self).logits(of: input.classes, for: self)
        return Contribution(counts: LayeredCounts(input, labels: counted(input)).counts)
    }

    /// The labels that the cross entropy counts.
    private func counted(_ input: ObjectiveInput) -> [Int32] {
        guard labelled == .upright, let turns = input.quarterTurns(ofStage: 0) else {
            return input.labels
        }
        return zip(input.labels, turns).map { $1 == 0 ? $0 : ObjectiveInput.ignored }
    }

    /// This micro-shard's share of the three parts.
    package func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        try input.checkLabels(for: self)
        let teacher = try input.teacher(for: self)
        let counts = try LayeredCounts(
            totals, taps: input.parameters.auxiliaryTaps, for: self)
        let logits = input.student.logits
        let square = temperature * temperature
        var value = 0.0
        var gradient = Tensor(rows: logits.rows, columns: logits.columns, filledWith: 0)
        if counts.labelled > 0, labels > 0 {
            let cost = logits.labelCost(counted(input), scale: labels / counts.labelled)
            value += cost.value
            gradient = gradient + cost.gradient
        }
        if counts.points > 0, scores > 0 {
            let cost = logits.softCost(
                to: try teacher.logits(of: input.classes, for: self), temperature: temperature,
                scale: scores * square / counts.points)
            value += cost.value
            gradient = gradient + cost.gradient
        }
        let main = Tensor.share("layered scores", of: logits, value: value, gradient: gradient)
        return zip(input.auxiliaryScores(), counts.heads).reduce(main) { sum, part in
            let (own, rows) = (part.0.scores, part.1.rows)
            let (value, gradient) = own.softCost(
                to: teacher.auxiliary(at: part.0.tap), temperature: temperature,
                scale: rows > 0 ? heads * square / rows : 0)
            return sum + .share("layered heads", of: own, value: value, gradient: gradient)
        }
    }

    /// The accuracy of the student's heads on class and turn.
    package func metrics(
        given totals: Totals, parameters: BoundParameters, step: Int
    ) throws -> [Metric] {
        let taps = parameters.auxiliaryTaps
        return try LayeredCounts(totals, taps: taps, for: self).metrics(taps)
    }
}

extension LayeredStudent {
    /// Its catalogue entry.
    static let entry = ObjectiveEntry(
        name: name,
        formula: "l_ce CE + l_heads sum over heads of T² mean KL(q_teacher || q_student) "
            + "+ l_scores T² mean KL(p_teacher || p_student), all at T",
        source: "HSAKD (IJCAI 2021), second phase, and its released code",
        grade: .exact,
        settings: [
            .init("l-ce", "1", "weight of the cross entropy with the labels"),
            .init("l-heads", "1", "weight of the heads' divergences"),
            .init("l-scores", "1", "weight of the class scores' divergence"),
            .init("temperature", "3", "T, above 0"),
            .init("taps", "the teacher's", "where the heads stand: a list such as [enc1, dec0]"),
            .init(
                "labelled", "all",
                "which clouds the cross entropy counts: all, or upright: those that were not turned "
                    + "at the step, as released"),
        ]
    ) { read in
        let turns = try read.word("labelled", of: Turns.allCases.map(\.rawValue))
        return .init(
            objective: LayeredStudent(
                taps: try read.taps("taps"), labels: try read.nonNegative("l-ce", default: 1),
                heads: try read.nonNegative("l-heads", default: 1),
                scores: try read.nonNegative("l-scores", default: 1),
                temperature: try read.positive("temperature", default: 3),
                labelled: turns.flatMap(Turns.init) ?? .all),
            weight: 1)
    }
}
