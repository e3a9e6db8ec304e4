import Networks
import Tensors

/// Counts of layered objectives: points, and for each auxiliary head its rows and its correctly
/// classified rows.
struct LayeredCounts {
    /// Counts of one head.
    struct Head {
        /// Rows of the head's stage.
        var rows = 0.0
        /// Rows with a joint label.
        var labelled = 0.0
        /// Labelled rows whose scores were evaluated, and correctly classified ones.
        var seen = 0.0
        var right = 0.0
    }

    /// Points.
    var points = 0.0
    /// Points whose label counts in the cross entropy of the class scores.
    var labelled = 0.0
    /// The heads in their order.
    var heads: [Head]

    /// Steps between evaluations of the heads' accuracy, which cost another forward pass of the heads.
    static let interval = 10

    /// The counts of a micro-shard.
    ///
    /// - Parameter labels: the labels that count in the cross entropy of the class scores.
    init(_ input: ObjectiveInput, labels: [Int32]) {
        points = Double(input.rows)
        labelled = Double(labels.count { $0 >= 0 })
        heads = []
        // The contribution precedes the loss, so the heads run once more to be measured.
        let scores = input.step % Self.interval == 0 ? input.auxiliaryScores().map(\.scores) : []
        for (place, tap) in input.parameters.auxiliaryTaps.enumerated() {
            let joint = input.jointLabels(ofStage: tap.stage)
            var head = Head()
            head.rows = Double(joint.count)
            head.labelled = Double(joint.count { $0 >= 0 })
            if scores.indices.contains(place) {
                let answers = scores[place].detached.greatestColumns
                head.seen = head.labelled
                head.right = Double(zip(answers, joint).count { $0 == $1 })
            }
            heads.append(head)
        }
    }

    /// The number of counts of a contribution.
    static func count(heads: Int) -> Int { 2 + 4 * heads }

    /// The counts of a contribution.
    var counts: [Double] {
        [points, labelled] + heads.flatMap { [$0.rows, $0.labelled, $0.seen, $0.right] }
    }

    /// The counts of totals.
    init(_ totals: Totals, taps: [Tap], for objective: some Objective) throws {
        let counts = try totals.counts(Self.count(heads: taps.count), for: objective)
        guard totals.whole.tensors.isEmpty else { throw totals.mismatch(objective) }
        (points, labelled) = (counts[0], counts[1])
        heads = taps.indices.map { place in
            let own = counts[(2 + 4 * place)..<(6 + 4 * place)].map { $0 }
            return Head(rows: own[0], labelled: own[1], seen: own[2], right: own[3])
        }
    }

    /// The share of labelled rows that each head classifies correctly, if it was evaluated.
    func metrics(_ taps: [Tap]) -> [Metric] {
        zip(taps, heads).compactMap { tap, head in
            head.seen > 0 ? Metric("joint-accuracy-\(tap)", head.right / head.seen) : nil
        }
    }
}

extension ObjectiveInput {
    /// Class and quarter turn of each row of a stage as one label: 4 y + r.
    ///
    /// y is the most frequent label among the points that a voxel pools; ``ignored`` if there is none.
    func jointLabels(ofStage stage: Int) -> [Int32] {
        guard let turns = quarterTurns(ofStage: stage) else {
            preconditionFailure("An objective of joint labels asks for quarter turns.")
        }
        return zip(labels(ofStage: stage), turns).map { label, turn in
            label < 0 ? Self.ignored : 4 * label + Int32(turn)
        }
    }

    /// The scores of the objective's auxiliary heads: rows of the tap's stage x 4 K.
    func auxiliaryScores() -> [(tap: Tap, scores: Tensor)] {
        parameters.auxiliaryScores(classes: classes) { student.features(at: $0) }
    }
}

extension BoundParameters {
    /// The taps of the auxiliary heads among these parameters, in their order.
    var auxiliaryTaps: [Tap] {
        names.compactMap { name in
            let parts = name.split(separator: ".")
            guard parts.count == 4, parts[0] == "auxiliary", parts[2...] == ["classes", "weight"]
            else { return nil }
            return Tap(String(parts[1]))
        }
    }

    /// The scores of auxiliary heads whose parameters are the first of these.
    func auxiliaryScores(
        classes: Int, features: (Tap) -> Tensor
    ) -> [(tap: Tap, scores: Tensor)] {
        let described = auxiliaryTaps.map {
            TapDescription(tap: $0, width: self["auxiliary.\($0).hidden.weight"].columns)
        }
        let heads = AuxiliaryHeads(at: described, classes: 4 * classes)
        return Array(zip(heads.taps, heads(forwardContext, features: features)))
    }
}

extension Tensor {
    /// The column of each row's greatest value, the first among equals.
    fileprivate var greatestColumns: [Int32] {
        withValues { values in
            (0..<rows).map { row in
                var best = 0
                for k in 0..<columns where values[row * columns + k] > values[row * columns + best]
                {
                    best = k
                }
                return Int32(best)
            }
        }
    }
}
