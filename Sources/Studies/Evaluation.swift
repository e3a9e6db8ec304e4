import Datasets
import Foundation
import Networks
import PointClouds
import Reporting
import Telemetry
package import Training

/// The measurements of one model on one split.
package struct Evaluation {
    package let name: String
    let size: ModelSize
    /// The teacher's parameters divided by the model's; nil for a model without a teacher.
    let compression: Double?
    let classes: [String]
    let excluded: Set<Int>
    let matrix: ConfusionMatrix
    /// Mean seconds from a scan's voxels to its points' labels, on one thread unless there are fewer
    /// scans than threads.
    let secondsPerScan: Double
    let scans: Int
    /// Sentences about what was changed or left out when the scans were read.
    package let remarks: [String]

    package init(
        of model: StoredModel, name: String, loader: ExampleLoader, threads: Int,
        excluding names: [String], showsProgress: Bool
    ) throws {
        let labeller = Labeller(network: model.network, weights: model.weights, loader: loader)
        let classes = loader.source.classes
        excluded = try Set(
            names.map { name in
                guard let place = classes.firstIndex(of: name) else {
                    throw UserError(
                        "There is no class '\(name)' to exclude; the classes are "
                            + classes.joined(separator: ", ") + ".")
                }
                return place
            })
        self.name = name
        self.classes = classes
        size = ModelSize(model.network)
        compression = model.teacher.map { Compression(teacher: $0, student: model.network).ratio }
        scans = loader.source.count
        let progress = ProgressDisplay(
            "evaluating \(name)", total: scans, unit: "scan", isShown: showsProgress)
        let results = try parallel(scans, threads: threads) { sample in
            let (example, scene) = try loader.wholeExample(of: sample)
            let start = ContinuousClock.now
            let labels = try labeller.labels(of: example)
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            var matrix = ConfusionMatrix(classes: classes.count)
            if !scene.labels.isEmpty { matrix.add(truth: scene.labels, predicted: labels) }
            progress.advance()
            return (matrix, seconds)
        }
        progress.finish()
        remarks = loader.source.remarks
        matrix = results.dropFirst().reduce(results[0].0) { $0 + $1.0 }
        secondsPerScan = results.reduce(0) { $0 + $1.1 } / Double(scans)
    }

    /// Whether a point has a class.
    package var hasLabels: Bool { matrix.counts.contains { $0 > 0 } }

    /// Number of learnt parameters.
    var parameters: Int { size.parameters }

    package static func table(_ rows: [Evaluation]) -> String {
        var table = TextTable(
            [
                "model", "parameters", "size", "compression", "mIoU", "mAcc", "allAcc", "s/scan",
                "scans",
            ])
        // A model without a known teacher is compared with the largest model of the table.
        let largest = rows.map(\.parameters).max() ?? 0
        for row in rows {
            let own = row.parameters
            let ratio =
                row.compression ?? (largest > own ? Double(largest) / Double(max(own, 1)) : nil)
            table.add([
                row.name, grouped(own), Readable.bytes(row.size.bytes),
                ratio.map { String(format: "%.1fx", $0) } ?? "",
                percent(row.matrix.meanIntersectionOverUnion(excluding: row.excluded)),
                percent(row.matrix.meanAccuracy(excluding: row.excluded)),
                percent(row.matrix.overallAccuracy),
                String(format: "%.3f", row.secondsPerScan), "\(row.scans)",
            ])
        }
        return table.description
    }

    package var classTable: String {
        var table = TextTable(["class", "IoU", "accuracy", "points"])
        for (label, name) in classes.enumerated() where matrix.truePoints(of: label) > 0 {
            table.add([
                name + (excluded.contains(label) ? " (not scored)" : ""),
                matrix.intersectionOverUnion(of: label).map(percent) ?? "-",
                matrix.accuracy(of: label).map(percent) ?? "-",
                grouped(Int(matrix.truePoints(of: label))),
            ])
        }
        return table.description
    }

    package var json: String {
        get throws {
            struct Row: Encodable {
                let model: String
                let parameters: Int
                let bytes: Int
                let compression: Double?
                let miou: Double
                let macc: Double
                let allacc: Double
                let secondsAScan: Double
                let scans: Int
                let iou: [String: Double]
            }
            let row = Row(
                model: name, parameters: parameters, bytes: size.bytes,
                compression: compression,
                miou: matrix.meanIntersectionOverUnion(excluding: excluded),
                macc: matrix.meanAccuracy(excluding: excluded), allacc: matrix.overallAccuracy,
                secondsAScan: secondsPerScan, scans: scans,
                iou: Dictionary(
                    uniqueKeysWithValues: classes.enumerated().compactMap { label, name in
                        matrix.truePoints(of: label) > 0
                            ? matrix.intersectionOverUnion(of: label).map { (name, $0) } : nil
                    }))
            return try snakeCaseJSON(row)
        }
    }
}
