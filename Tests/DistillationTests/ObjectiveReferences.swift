import Distillation
import Foundation
import NetworkTesting

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
