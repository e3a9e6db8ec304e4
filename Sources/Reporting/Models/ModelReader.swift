import Datasets
import DenjuInference
import Distillation
import Foundation
import Networks
import PointClouds
import Tensors
import Training

/// A model at work for a report: what it says of a scan, how sure it is, and what it made of the
/// points on its way.
struct ModelReader: Sendable {
    let network: any Network
    let weights: Weights
    let loader: ExampleLoader
    /// Where its features are read.
    let tap: Tap
    /// From its classes to those of the data; nil where they are the same.
    let mapping: ClassMapping?

    /// A model on the scans of a source.
    ///
    /// - Parameters:
    ///   - recipe: the run's, whose grid every model of the report sees.
    ///   - tap: where the run compares features; the last features if those stand for coarser rows
    ///     than voxels.
    init(
        _ model: StoredModel, recipe: Recipe, source: any SceneSource, tap: Tap, name: String
    ) throws {
        network = model.network
        weights = model.weights
        let reading = model.features.map { recipe.reading($0) } ?? recipe
        try source.check(reading.features, of: "\(model.path) reads")
        loader = try ExampleLoader(reading, source: source, needs: [])
        self.tap = tap.stage == 0 ? tap : .lastDecoderStage
        mapping = model.mapping
        guard source.classes.count == classes, loader.inputs == network.inputChannels else {
            throw UserError(
                "The \(name) \(model.path) reads \(network.inputChannels) values a point and knows "
                    + "\(network.classes) classes, but the run's data give \(loader.inputs) and "
                    + "have \(source.classes.count): name another model.")
        }
    }

    /// Classes it says something of.
    private var classes: Int { mapping?.parts.count ?? network.classes }

    /// What it says of one scan.
    struct Reading {
        let scene: Cloud
        let voxels: VoxelCloud
        /// A class a point of the scene.
        let labels: [Int32]
        /// Voxels x classes, each row adding up to 1.
        let probabilities: Tensor
        /// Voxels x channels.
        let features: Tensor
        let seconds: Double
    }

    /// Reads a scan.
    func read(_ sample: Int) throws -> Reading {
        let (example, scene) = try loader.wholeExample(of: sample)
        let start = ContinuousClock.now
        let shown = Scene(
            features: example.features,
            hierarchy: try network.geometry.hierarchy(
                gridCoordinates: [example.voxels.gridCoordinates]))
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

    /// What many scans together tell of it.
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

    /// Its score on some scans.
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
        guard !truth.isEmpty else { return score }
        score.matrix.add(truth: truth, predicted: reading.labels)
        let doubts = reading.probabilities.certainties
        for (point, label) in truth.enumerated() where label >= 0 {
            let doubt = doubts[max(0, Int(reading.voxels.inverse[point]))]
            score.confidence.add(
                probability: Double(doubt.x), entropy: Double(doubt.y), label: Int(label),
                isRight: reading.labels[point] == label)
        }
        return score
    }
}

extension Tensor {
    /// Of each row of probabilities the highest, and the entropy as a share of the highest possible.
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
