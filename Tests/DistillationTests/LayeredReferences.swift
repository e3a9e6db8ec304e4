import Distillation
import Foundation
import NetworkTesting
import Networks
import PointClouds
import Synchronization
import Tensors

/// The layered objectives over the whole mini-batch in Float64: heads, projectors, majorities and
/// means written out voxel by voxel.
enum LayeredReference {
    typealias Cloud = ObjectiveTrial.Cloud
    typealias Parameters = [(name: String, rows: [[Double]])]

    static func rows(_ parameters: Parameters, _ name: String) -> [[Double]] {
        parameters.first { $0.name == name }!.rows
    }

    /// x Wᵀ + b, row by row.
    static func linear(
        _ x: [[Double]], _ parameters: Parameters, _ path: String
    ) -> [[Double]] {
        let weight = rows(parameters, path + ".weight")
        let bias = rows(parameters, path + ".bias")[0]
        return x.map { x in
            bias.indices.map { output in
                var sum = bias[output]
                for input in x.indices { sum += weight[output][input] * x[input] }
                return sum
            }
        }
    }

    /// An auxiliary head: linear(gelu(linear(norm(x)))).
    static func heads(_ x: [[Double]], _ parameters: Parameters, at tap: Tap) -> [[Double]] {
        let path = "auxiliary.\(tap)"
        let scale = rows(parameters, path + ".norm.weight")[0]
        let shift = rows(parameters, path + ".norm.bias")[0]
        let normal = x.map { x in
            let mean = x.reduce(0, +) / Double(x.count)
            let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
            let length = (variance + 1e-5).squareRoot()
            return x.indices.map { (x[$0] - mean) / length * scale[$0] + shift[$0] }
        }
        let hidden = linear(normal, parameters, path + ".hidden").map { row in
            row.map { $0 * 0.5 * (1 + erf($0 / 2.0.squareRoot())) }
        }
        return linear(hidden, parameters, path + ".classes")
    }

    /// The voxel of a stage that each point is pooled into.
    static func voxels(_ cloud: Cloud, stage: Int) -> [Int] {
        known.withLock { known in
            if let voxels = known[cloud.cells]?[stage] { return voxels }
            guard
                let hierarchy = try? ObjectiveTrial.geometry.hierarchy(
                    gridCoordinates: [cloud.cells])
            else { preconditionFailure("The trial's voxels are distinct.") }
            let voxels = hierarchy.segments(ofStage: stage).segmentOfRow.map(Int.init)
            known[cloud.cells, default: [:]][stage] = voxels
            return voxels
        }
    }

    /// A reference is computed a thousand times over the same cells.
    private static let known = Mutex<[[SIMD3<Int32>]: [Int: [Int]]]>([:])

    /// 4 y + r of each voxel of a stage, y the most frequent label, the smaller among equals.
    static func joint(_ cloud: Cloud, stage: Int) -> [Int?] {
        let voxels = voxels(cloud, stage: stage)
        var votes = [[Int]](
            repeating: [Int](repeating: 0, count: 4), count: (voxels.max() ?? -1) + 1)
        for (voxel, label) in zip(voxels, cloud.labels) where label >= 0 {
            votes[voxel][Int(label)] += 1
        }
        return votes.map { votes in
            guard let most = votes.max(), most > 0 else { return nil }
            return 4 * votes.firstIndex(of: most)! + cloud.quarterTurns
        }
    }

    static func crossEntropy(_ pairs: [(scores: [Double], label: Int?)]) -> Double {
        let labelled = pairs.filter { $0.label != nil }
        return labelled.reduce(0) { $0 - log(Reference.softmax($1.scores)[$1.label!]) }
            / Double(labelled.count)
    }

    static func divergence(
        _ pairs: [(student: [Double], teacher: [Double])], temperature: Double
    ) -> Double {
        temperature * temperature
            * pairs.reduce(0) {
                $0
                    + Reference.divergence(
                        of: $1.student, from: $1.teacher, temperature: temperature)
            } / Double(pairs.count)
    }

    static func points(_ cloud: Cloud) -> [(scores: [Double], label: Int?)] {
        zip(cloud.student.logits, cloud.labels).map { ($0, $1 >= 0 ? Int($1) : nil) }
    }

    static func heads(at taps: [Tap]) -> ObjectiveReference {
        { trial in
            taps.reduce(0) { sum, tap in
                sum
                    + crossEntropy(
                        trial.clouds.flatMap { cloud in
                            zip(
                                heads(cloud.student.features[tap]!, trial.parameters, at: tap),
                                joint(cloud, stage: tap.stage)
                            ).map { ($0, $1) }
                        })
            }
        }
    }

    static func student(_ objective: LayeredStudent, at taps: [Tap]) -> ObjectiveReference {
        { trial in
            let temperature = objective.temperature
            let counted = trial.clouds.filter {
                objective.labelled == .all || $0.quarterTurns == 0
            }
            var loss =
                objective.labels > 0
                ? objective.labels * crossEntropy(counted.flatMap(points)) : 0
            loss +=
                objective.scores
                * divergence(
                    trial.clouds.flatMap { zip($0.student.logits, $0.teacher.logits) }.map {
                        ($0, $1)
                    }, temperature: temperature)
            for tap in taps {
                loss +=
                    objective.heads
                    * divergence(
                        trial.clouds.flatMap { cloud in
                            zip(
                                heads(cloud.student.features[tap]!, trial.parameters, at: tap),
                                cloud.teacher.auxiliary[tap]!)
                        }.map { ($0, $1) }, temperature: temperature)
            }
            return loss
        }
    }

    /// The values of the last tap's stage as another stage has them.
    static func carried(
        _ values: [[Double]], _ cloud: Cloud, from stage: Int, to other: Int
    ) -> [[Double]] {
        let pairs = zip(voxels(cloud, stage: stage), voxels(cloud, stage: other))
        var parts = [Set<Int>](repeating: [], count: (pairs.map(\.1).max() ?? -1) + 1)
        // The distinct voxels of `stage` that share points with each of `other`.
        for (own, wanted) in pairs { parts[wanted].insert(own) }
        return parts.map { parts in
            values[parts.first!].indices.map { channel in
                parts.reduce(0) { $0 + values[$1][channel] } / Double(parts.count)
            }
        }
    }

    static func selfTaught(_ objective: LayeredSelf, at taps: [Tap]) -> ObjectiveReference {
        { trial in
            let last = taps.last!
            let pairs = Array(zip(trial.clouds, trial.heldClouds))
            var loss = objective.labels * crossEntropy(trial.clouds.flatMap(points))
            for tap in taps {
                var told: [(scores: [Double], label: Int?)] = []
                var soft: [(student: [Double], teacher: [Double])] = []
                var gaps = (sum: 0.0, count: 0)
                for (cloud, held) in pairs {
                    let own = heads(cloud.student.features[tap]!, trial.parameters, at: tap)
                    told += zip(own, joint(cloud, stage: tap.stage)).map { ($0, $1) }
                    if objective.target == .average {
                        let wanted = heads(
                            cloud.average.features[tap]!, trial.averagedParameters, at: tap)
                        soft += zip(own, wanted).map { ($0, $1) }
                    } else if tap != last {
                        let wanted = heads(
                            held.student.features[last]!, trial.heldParameters, at: last)
                        soft += zip(
                            own, carried(wanted, cloud, from: last.stage, to: tap.stage)
                        ).map { ($0, $1) }
                    }
                    guard tap != last, objective.features > 0 else { continue }
                    let wanted = carried(
                        held.student.features[last]!, cloud, from: last.stage, to: tap.stage)
                    let projections = linear(
                        cloud.student.features[tap]!, trial.parameters, "projectors.\(tap)")
                    for (projected, target) in zip(projections, wanted) {
                        gaps.sum += zip(projected, target).reduce(0) {
                            $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
                        }
                        gaps.count += target.count
                    }
                }
                loss += objective.joint * crossEntropy(told)
                if !soft.isEmpty {
                    loss +=
                        objective.divergences
                        * divergence(soft, temperature: objective.temperature)
                }
                if gaps.count > 0 { loss += objective.features * gaps.sum / Double(gaps.count) }
            }
            return loss
        }
    }
}
