import Foundation
package import Networks
import Tensors

/// Difference between stored outputs and those that the teacher computes now, over any number of
/// points.
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

    /// No points yet.
    package init() {}

    /// The mean absolute difference of the logits.
    package var mean: Double { logits > 0 ? sum / Double(logits) : 0 }
    /// The share of points for which another class scores best, from 0 to 1.
    package var otherClassShare: Double { points > 0 ? Double(otherClass) / Double(points) : 0 }
    /// The mean over the points of KL(softmax of the live logits ‖ softmax of the stored ones), nats.
    package var meanDivergence: Double { points > 0 ? divergence / Double(points) : 0 }

    /// The difference of two outputs for the same points.
    package init(live: NetworkOutputs, stored: NetworkOutputs) {
        let classes = live.logits.columns
        precondition(
            stored.logits.columns == classes && stored.logits.rows == live.logits.rows,
            "Outputs of different shapes.")
        points = live.logits.rows
        logits = live.logits.count
        live.logits.withValues { live in
            stored.logits.withValues { stored in
                for point in 0..<points {
                    let row = point * classes..<(point + 1) * classes
                    compare(
                        row.map { Double(live[$0]) }, row.map { Double(stored[$0]) })
                }
            }
        }
    }

    private mutating func compare(_ live: [Double], _ stored: [Double]) {
        for (a, b) in zip(live, stored) {
            largest = max(largest, abs(a - b))
            sum += abs(a - b)
        }
        let (best, storedBest) = (live.max() ?? 0, stored.max() ?? 0)
        // The first index on both sides, as predictions take it, so that ties are not counted.
        if live.firstIndex(of: best) != stored.firstIndex(of: storedBest) { otherClass += 1 }
        let total = live.reduce(0) { $0 + exp($1 - best) }
        let storedTotal = stored.reduce(0) { $0 + exp($1 - storedBest) }
        for (a, b) in zip(live, stored) {
            let logarithm = a - best - log(total)
            divergence += exp(logarithm) * (logarithm - (b - storedBest - log(storedTotal)))
        }
    }

    /// The difference over both sets of points.
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
