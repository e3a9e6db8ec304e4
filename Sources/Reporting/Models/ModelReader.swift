import Datasets
import DenjuInference
import Distillation
import Foundation
import Networks
import PointClouds
import Tensors
import Training

/// A model applied to a report's scans: labels, probabilities and features.
struct ModelReader: Sendable {
    let network: any Network
    let weights: Weights
    let loader: ExampleLoader
    /// The tap at which features are read.
    let tap: Tap
    /// The mapping of the model's classes to the data's; nil if they are the same.
    let mapping: ClassMapping?

    /// A reader of a model on the scans of a source.
    ///
    /// - Parameters:
    ///   - recipe: the run's recipe, whose grid applies to all models of the report.
    ///   - tap: the tap at which the run compares features; the last decoder stage is used instead
    ///     of a tap with coarser rows than voxels.
    init(
        _ model: StoredModel, recipe: Recipe, source: any SceneSource, tap: Tap, name: String
    ) throws {
        network = model.network
        weights = model.weights
        let reading = model.features.map { recipe.reading($0) } ?? recipe
        try source.check(reading.features, of: "\(model.path) reads")
        loader = try ExampleLoader(reading, source: source, needs: [])
        // Affinities are shown per voxel, which coarser stages do not have.
        self.tap = tap.stage == 0 ? tap : .lastDecoderStage
        mapping = model.mapping
        guard source.classes.count == classes, loader.inputs == network.inputChannels else {
            throw UserError(
                "The \(name) \(model.path) has \(network.inputChannels) inputs per point and "
                    + "\(network.classes) classes, but the run's data have \(loader.inputs) inputs "
                    + "and \(source.classes.count) classes: name another model.")
        }
    }

    /// The number of classes after mapping.
    private var classes: Int { mapping?.parts.count ?? network.classes }

    /// The outputs for one scan.
    struct Reading {
        let scene: Cloud
        let voxels: VoxelCloud
        /// The predicted class of each point of the scene.
        let labels: [Int32]
        /// Voxels x classes; each row sums to 1.
        let probabilities: Tensor
        /// Voxels x channels.
        let features: Tensor
        let seconds: Double
    }

    /// Applies the model to a scan.
    func read(_ sample: Int) throws -> Reading {
        let (example, scene) = try loader.wholeExample(of: sample)
        let start = ContinuousClock.now
        let shown = try network.geometry.scene(of: [example.voxels], features: example.features)
        let outputs = network(shown, ForwardContext(.evaluation, of: network, weights, taps: [tap]))
        let scores = mapping?(outputs.logits) ?? outputs.logits
        let best = scores.largestColumns
        let labels = example.voxels.inverse.map { $0 < 0 ? 0 : best[Int($0)] }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        return Reading(
            scene: scene, voxels: example.voxels, labels: labels,
            probabilities: scores.softmax(), features: outputs.features(at: tap),
            seconds: seconds)
    }

    /// The sums over several scans.
    struct Score: Sendable {
        var matrix: ConfusionMatrix
        var confidence: ModelFigures.Confidence
        var seconds: Double

        static func + (a: Score, b: Score) -> Score {
            Score(
                matrix: a.matrix + b.matrix, confidence: a.confidence + b.confidence,
                seconds: a.seconds + b.seconds)
        }
    }

    /// The model's score on the given scans.
    func score(_ samples: [Int], threads: Int, name: String) throws -> Score {
        let progress = ProgressDisplay("measuring \(name)", total: samples.count, unit: "scan")
        defer { progress.finish() }
        let scores = try parallel(samples.count, threads: threads) { place in
            let score = try score(of: read(samples[place]))
            progress.advance()
            return score
        }
        return scores.dropFirst().reduce(scores[0], +)
    }

    private func score(of reading: Reading) throws -> Score {
        var score = Score(
            matrix: ConfusionMatrix(classes: classes),
            confidence: .init(classes: classes), seconds: reading.seconds)
        let truth = reading.scene.labels
        // A scan without labels counts for latency only.
        guard !truth.isEmpty else { return score }
        score.matrix.add(truth: truth, predicted: reading.labels)
        let certainties = reading.probabilities.certainties
        for (point, label) in truth.enumerated() where label >= 0 {
            let certainty = certainties[max(0, Int(reading.voxels.inverse[point]))]
            score.confidence.add(
                probability: Double(certainty.x), entropy: Double(certainty.y), label: Int(label),
                isRight: reading.labels[point] == label)
        }
        return score
    }
}

extension Tensor {
    /// For each row of probabilities: the highest, and the entropy as a share of its maximum.
    fileprivate var certainties: [SIMD2<Float>] {
        let most = log(Float(max(columns, 2)))
        return withValues { values in
            (0..<rows).map { row in
                var (best, entropy): (Float, Float) = (0, 0)
                for column in 0..<columns {
                    let p = values[row * columns + column]
                    best = max(best, p)
                    if p > 0 { entropy -= p * log(p) }
                }
                return SIMD2(best, entropy / most)
            }
        }
    }
}
