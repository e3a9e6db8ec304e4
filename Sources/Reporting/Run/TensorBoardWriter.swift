import Foundation
import Pictures
import Synchronization
package import Telemetry
package import Tensors
import Training

/// TensorBoard's event files of a run: scalars of every step and validation, histograms of the weights
/// at checkpoints, and confusion matrices as pictures.
package final class TensorBoardWriter: Sendable {
    private let folder: String
    private let file = Mutex<EventFile?>(nil)

    /// A writer of event files below a run's folder.
    package init(run: String) { folder = run + "/" + RunFolder.board }

    /// Opens a file for the steps after `step`.
    package func begin(after step: Int) throws {
        try file.withLock { file in
            file = try EventFile(
                in: folder, at: Date().timeIntervalSince1970, resumingAfter: step)
        }
    }

    /// Writes a step, with a histogram of the weights if they are given.
    package func record(_ record: StepRecord, weights: Weights?) throws {
        var values: [(name: String, value: EventFile.Value)] = [
            ("loss", .scalar(record.loss)), ("gradient norm", .scalar(record.gradientNorm)),
            ("seconds a step", .scalar(record.seconds)),
            ("points a second", .scalar(record.pointsPerSecond)),
            ("workers", .scalar(Double(record.workers))),
        ]
        func group(_ name: String, _ numbers: [String: Double]?) {
            values += (numbers ?? [:]).sorted { $0.key < $1.key }.map {
                ("\(name)/\($0.key)", .scalar($0.value))
            }
        }
        group("terms", record.terms)
        group("term weights", record.weights)
        group("term gradients", record.gradientNorms)
        group("metrics", record.metrics)
        group("learning rate", record.learningRates)
        let phases = record.phases.map { ($0.key.rawValue, $0.value.median) }
        group("phases", Dictionary(uniqueKeysWithValues: phases))
        for weight in weights ?? Weights() {
            let histogram = weight.tensor.withValues { values in
                Histogram(of: (0..<weight.tensor.count).map { values[$0] })
            }
            if let histogram { values.append((weight.name, .histogram(histogram))) }
        }
        try add(values, step: record.step, at: record.time)
    }

    /// Writes a validation.
    package func record(_ record: ValidationRecord) throws {
        let picture = ConfusionPicture(classes: record.classes.count, counts: record.confusion)
            .picture
        let matrix = ConfusionMatrix(classes: record.classes.count, counts: record.confusion)
        var values: [(name: String, value: EventFile.Value)] = [
            ("validation/mIoU", .scalar(record.meanIoU)),
            ("validation/mAcc", .scalar(record.meanAccuracy)),
            ("validation/allAcc", .scalar(record.overallAccuracy)),
            (
                "validation/confusion",
                .picture(png: picture.png, width: picture.width, height: picture.height)
            ),
        ]
        // A class without points has no intersection over union.
        for (label, name) in record.classes.enumerated() where matrix.truePoints(of: label) > 0 {
            values.append(("IoU/\(name)", .scalar(matrix.intersectionOverUnion(of: label) ?? 0)))
        }
        try add(values, step: record.step, at: record.time)
    }

    private func add(
        _ values: [(name: String, value: EventFile.Value)], step: Int, at time: Double
    ) throws {
        try file.withLock { try $0?.add(values, step: step, at: time) }
    }
}
