import Distillation
import Foundation
import NetworkTesting
import Networks

/// Each objective over the whole mini-batch, in Float64, as directly as its formula reads: every
/// affinity is computed, nothing is shared, nothing is fast.
enum Reference {
    typealias Cloud = ObjectiveTrial.Cloud

    static func softmax(_ x: [Double], temperature: Double = 1) -> [Double] {
        let largest = x.max() ?? 0
        let e = x.map { exp(($0 - largest) / temperature) }
        let sum = e.reduce(0, +)
        return e.map { $0 / sum }
    }

    static func divergence(of student: [Double], from teacher: [Double], temperature: Double)
        -> Double
    {
        let p = softmax(teacher, temperature: temperature)
        let q = softmax(student, temperature: temperature)
        return zip(p, q).reduce(0) { $0 + $1.0 * log($1.0 / $1.1) }
    }

    static func unit(_ row: [Double]) -> [Double] {
        let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return row.map { $0 / length }
    }

    static func dot(_ a: [Double], _ b: [Double]) -> Double {
        zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    }

    static func crossEntropy(weights: [Double]? = nil, smoothing: Double = 0) -> ObjectiveReference
    {
        { trial in
            let w = weights ?? [Double](repeating: 1, count: trial.classes)
            var sum = 0.0
            var total = 0.0
            for cloud in trial.clouds {
                for (label, z) in zip(cloud.labels, cloud.studentLogits) where label >= 0 {
                    let cost = softmax(z).map { -log($0) }
                    sum += (1 - smoothing) * w[Int(label)] * cost[Int(label)]
                    sum += smoothing / Double(trial.classes) * dot(w, cost)
                    total += w[Int(label)]
                }
            }
            return sum / total
        }
    }

    static let lovasz: ObjectiveReference = { trial in
        let total = Double(trial.clouds.reduce(0) { $0 + $1.labels.count { $0 >= 0 } })
        var loss = 0.0
        for cloud in trial.clouds {
            let points = zip(cloud.labels, cloud.studentLogits.map { softmax($0) })
                .filter { $0.0 >= 0 }
            let present = Set(points.map(\.0)).sorted()
            var sum = 0.0
            for label in present {
                let errors = points.map { point in
                    (
                        error: point.0 == label
                            ? 1 - point.1[Int(label)] : point.1[Int(label)],
                        hit: point.0 == label
                    )
                }.sorted { $0.error > $1.error }
                let members = errors.count { $0.hit }
                var previous = 0.0
                for n in errors.indices {
                    let hits = errors[...n].count { $0.hit }
                    let union = members + n + 1 - hits
                    let jaccard = 1 - Double(members - hits) / Double(union)
                    sum += errors[n].error * (jaccard - previous)
                    previous = jaccard
                }
            }
            guard !present.isEmpty else { continue }
            loss += Double(points.count) / total * sum / Double(present.count)
        }
        return loss
    }

    /// Pearson's correlation with both standard deviations those of `variance + 1e-10`.
    static func correlation(_ p: [Double], _ q: [Double]) -> (value: Double, isVaried: Bool) {
        let count = Double(p.count)
        let (pMean, qMean) = (p.reduce(0, +) / count, q.reduce(0, +) / count)
        let (own, other) = (p.map { $0 - pMean }, q.map { $0 - qMean })
        let squares = (dot(own, own) / count, dot(other, other) / count)
        let product = (squares.0 + 1e-10) * (squares.1 + 1e-10)
        return (dot(own, other) / count / product.squareRoot(), squares.1 > 1e-10)
    }

    static func semanticCorrelation(
        classes: Double = 1, points: Double = 0, temperature: Double = 1
    ) -> ObjectiveReference {
        { trial in
            let p = trial.clouds.flatMap(\.studentLogits).map {
                softmax($0, temperature: temperature)
            }
            let q = trial.clouds.flatMap(\.teacherLogits).map {
                softmax($0, temperature: temperature)
            }
            let byClass = (0..<trial.classes)
                .map { label in correlation(p.map { $0[label] }, q.map { $0[label] }) }
                .filter(\.isVaried).map(\.value)
            let byPoint = zip(p, q).map { correlation($0, $1).value }
            return classes * (1 - byClass.reduce(0, +) / Double(byClass.count))
                + points * (1 - byPoint.reduce(0, +) / Double(byPoint.count))
        }
    }

    /// The weight of each point of the mini-batch by the rarity of the teacher's class in its cloud.
    static func rarity(_ trial: ObjectiveTrial, balance: Double) -> [Double] {
        trial.clouds.flatMap { cloud -> [Double] in
            let classes = cloud.teacherLogits.map { row in row.firstIndex(of: row.max()!)! }
            return classes.map { own in
                pow(Double(classes.count { $0 == own }) / Double(classes.count), -balance)
            }
        }
    }

    /// The rows minus their weighted mean.
    static func centred(_ rows: [[Double]], _ weights: [Double]) -> [[Double]] {
        let total = weights.reduce(0, +)
        let mean = rows[0].indices.map { column in
            zip(rows, weights).reduce(0) { $0 + $1.0[column] * $1.1 } / total
        }
        return rows.map { row in zip(row, mean).map { $0 - $1 } }
    }

    /// By the affinities of every pair of points, as CKA is defined; no second moments.
    static func alignment(at tap: Tap, balance: Double) -> ObjectiveReference {
        { trial in
            let weights = rarity(trial, balance: balance)
            let s = centred(trial.clouds.flatMap { $0.student.features[tap]! }, weights)
            let t = centred(trial.clouds.flatMap { $0.teacher.features[tap]! }, weights)
            var (st, ss, tt) = (0.0, 0.0, 0.0)
            for n in s.indices {
                for m in s.indices {
                    let weight = weights[n] * weights[m]
                    let (own, other) = (dot(s[n], s[m]), dot(t[n], t[m]))
                    st += weight * own * other
                    ss += weight * own * own
                    tt += weight * other * other
                }
            }
            return 1 - st / (ss * tt).squareRoot()
        }
    }

    /// By descending the convex problem of the best map, channel by channel; no inverse.
    static func readout(at tap: Tap, balance: Double, ridge: Double) -> ObjectiveReference {
        { trial in
            let weights = rarity(trial, balance: balance)
            let total = weights.reduce(0, +)
            let s = centred(trial.clouds.flatMap { $0.student.features[tap]! }, weights)
            let t = centred(trial.clouds.flatMap { $0.teacher.features[tap]! }, weights)
            let width = s[0].count
            func mean(_ value: (Int) -> Double) -> Double {
                weights.indices.reduce(0) { $0 + weights[$1] * value($1) } / total
            }
            let lambda = ridge * mean { dot(s[$0], s[$0]) } / Double(width)
            var left = 0.0
            for channel in t[0].indices {
                // Conjugate gradients reach the minimum of `width` unknowns in as many steps; a few more
                // remove rounding.
                func product(_ x: [Double]) -> [Double] {
                    (0..<width).map { column in
                        mean { s[$0][column] * dot(s[$0], x) } + lambda * x[column]
                    }
                }
                var map = [Double](repeating: 0, count: width)
                var residual = (0..<width).map { column in mean { s[$0][column] * t[$0][channel] } }
                var direction = residual
                for _ in 0..<(3 * width) where dot(residual, residual) > 1e-40 {
                    let moved = product(direction)
                    let step = dot(residual, residual) / dot(direction, moved)
                    map = zip(map, direction).map { $0 + step * $1 }
                    let next = zip(residual, moved).map { $0 - step * $1 }
                    let turn = dot(next, next) / dot(residual, residual)
                    direction = zip(next, direction).map { $0 + turn * $1 }
                    residual = next
                }
                left += mean { point in
                    let gap = t[point][channel] - dot(s[point], map)
                    return gap * gap
                }
                left += lambda * dot(map, map)
            }
            return left / mean { dot(t[$0], t[$0]) }
        }
    }

    static func softTargets(temperature: Double, scaled: Bool = true) -> ObjectiveReference {
        { trial in
            let divergences = trial.clouds.flatMap { cloud in
                zip(cloud.studentLogits, cloud.teacherLogits).map {
                    divergence(of: $0, from: $1, temperature: temperature)
                }
            }
            let mean = divergences.reduce(0, +) / Double(divergences.count)
            return (scaled ? temperature * temperature : 1) * mean
        }
    }

    static func denseRelation(within: Double, across: Double) -> ObjectiveReference {
        { trial in
            let student = trial.clouds.map { $0.studentFeatures.map(unit) }
            let teacher = trial.clouds.map { $0.teacherFeatures.map(unit) }
            var sums = (within: 0.0, across: 0.0)
            var pairs = (within: 0.0, across: 0.0)
            for b in student.indices {
                for c in student.indices {
                    var sum = 0.0
                    for n in student[b].indices {
                        for m in student[c].indices {
                            let gap =
                                dot(student[b][n], student[c][m])
                                - dot(teacher[b][n], teacher[c][m])
                            sum += gap * gap
                        }
                    }
                    let count = Double(student[b].count * student[c].count)
                    if b == c {
                        sums.within += sum
                        pairs.within += count
                    } else {
                        sums.across += sum
                        pairs.across += count
                    }
                }
            }
            return within * sums.within / pairs.within + across * sums.across / pairs.across
        }
    }

    /// All points are anchors.
    static func crossSampleRelation(temperature: Double) -> ObjectiveReference {
        { trial in
            let student = trial.clouds.map { $0.studentFeatures.map(unit) }
            let teacher = trial.clouds.map { $0.teacherFeatures.map(unit) }
            var loss = 0.0
            for i in student.indices {
                for j in student.indices {
                    for a in student[i].indices {
                        let rowS = student[j].map { dot(student[i][a], $0) }
                        let rowT = teacher[j].map { dot(teacher[i][a], $0) }
                        loss +=
                            divergence(of: rowS, from: rowT, temperature: temperature)
                            / Double(student[i].count)
                    }
                }
            }
            return loss / Double(student.count * student.count)
        }
    }
}
