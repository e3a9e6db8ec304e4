import Foundation
import Tensors

/// By how much kept knowledge differs from what the teacher itself says, over any number of points.
package struct KnowledgeDifference: Sendable, Equatable {
    /// Points compared.
    package private(set) var points = 0
    /// The largest absolute difference of a logit.
    package private(set) var largest = 0.0
    /// Points for which another class scores best.
    package private(set) var otherClass = 0
    private var logits = 0
    private var sum = 0.0
    private var divergence = 0.0

    /// Nothing compared yet.
    package init() {}

    /// The mean absolute difference of the logits.
    package var mean: Double { logits > 0 ? sum / Double(logits) : 0 }
    /// The share of points for which another class scores best, from 0 to 1.
    package var otherClassShare: Double { points > 0 ? Double(otherClass) / Double(points) : 0 }
    /// The mean over the points of KL(softmax of the live logits ‖ softmax of the kept ones), nats.
    package var meanDivergence: Double { points > 0 ? divergence / Double(points) : 0 }

    /// The difference of two answers on the same points.
    package init(live: Knowledge, kept: Knowledge) {
        let classes = live.logits.columns
        precondition(
            kept.logits.columns == classes && kept.logits.rows == live.logits.rows,
            "Answers of different shapes.")
        points = live.logits.rows
        logits = live.logits.count
        live.logits.withValues { live in
            kept.logits.withValues { kept in
                for point in 0..<points {
                    let row = point * classes..<(point + 1) * classes
                    compare(
                        row.map { Double(live[$0]) }, row.map { Double(kept[$0]) })
                }
            }
        }
    }

    private mutating func compare(_ live: [Double], _ kept: [Double]) {
        for (a, b) in zip(live, kept) {
            largest = max(largest, abs(a - b))
            sum += abs(a - b)
        }
        let (best, keptBest) = (live.max() ?? 0, kept.max() ?? 0)
        if live.firstIndex(of: best) != kept.firstIndex(of: keptBest) { otherClass += 1 }
        let total = live.reduce(0) { $0 + exp($1 - best) }
        let keptTotal = kept.reduce(0) { $0 + exp($1 - keptBest) }
        for (a, b) in zip(live, kept) {
            let logarithm = a - best - log(total)
            divergence += exp(logarithm) * (logarithm - (b - keptBest - log(keptTotal)))
        }
    }

    /// Both together.
    package static func + (a: Self, b: Self) -> Self {
        var both = a
        both.points += b.points
        both.largest = max(a.largest, b.largest)
        both.otherClass += b.otherClass
        both.logits += b.logits
        both.sum += b.sum
        both.divergence += b.divergence
        return both
    }
}
