import Datasets
import DenjuInference
import Formats
import Foundation
import PointClouds
import Tensors

/// Labels scans and writes their predictions, for `denju predict`.
struct ScanLabeller: Sendable {
    let segmenter: Segmenter
    let options: Segmenter.Options
    let palette: [Palette.Colour]
    /// The folder to write to.
    let output: String
    /// Whether a coloured PLY of every scan is written.
    let colours: Bool

    /// The outcome for a scan.
    enum Outcome: Sendable {
        case labelled(tiles: Int)
        /// The scan has no points.
        case empty
        /// The scan could not be read or labelled, with the reason.
        case failed(String)

        var failure: String? { if case .failed(let reason) = self { reason } else { nil } }
    }

    /// Labels a scan and writes the files of its predictions.
    ///
    /// - Parameters:
    ///   - original: the scan's file; nil for a generated scan.
    ///   - name: the name of the predictions' file below the output folder, without its suffix.
    func label(_ scene: ReadScene, of original: String?, name: String) throws -> Outcome {
        guard scene.cloud.count > 0 else { return .empty }
        let prediction = try segmenter.label(scene.cloud, options)
        let base = output + "/" + name
        try FileManager.default.createDirectory(
            atPath: URL(fileURLWithPath: base).deletingLastPathComponent().path,
            withIntermediateDirectories: true)
        let card = segmenter.card
        let file = try PredictionFile.write(
            scene.restored(
                prediction.labels.map { card.number(of: $0) }, else: numberOfUnlabelled),
            like: original, label: card.fields?["label"]?.first, to: base)
        if let probabilities = prediction.probabilities {
            try NumPyWriter.write(
                restored(probabilities, of: scene), to: base + ".probabilities.npy")
        }
        // A .label file has no coordinates: viewers need the scan as well.
        if colours || file.hasSuffix(".label") {
            let path = file.hasSuffix(".ply") ? base + ".coloured.ply" : base + ".ply"
            try PolygonFile.write(
                scene.cloud, labels: prediction.labels, palette: palette, to: path)
        }
        return .labelled(tiles: prediction.tiles)
    }

    /// Writes the further files of a submission to the data set's benchmark.
    func complete(_ source: any SceneSource) throws {
        for (name, text) in source.submissionFiles {
            let path = output + "/" + name
            // A description that the user has corrected stays.
            guard !FileManager.default.fileExists(atPath: path) else { continue }
            try FileManager.default.createDirectory(
                atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path,
                withIntermediateDirectories: true)
            try DataFile.write(Array(text.utf8), to: path)
        }
    }

    /// The number of points that were left out: 0, or 255 if 0 is a class.
    private var numberOfUnlabelled: Int {
        let card = segmenter.card
        let isClass = card.classes.indices.contains { card.number(of: Int32($0)) == 0 }
        return isClass ? 255 : 0
    }

    /// The probabilities in the file's order, with rows of 0 for points that were left out.
    private func restored(_ probabilities: Tensor, of scene: ReadScene) -> Tensor {
        guard let rows = scene.rows else { return probabilities }
        let columns = probabilities.columns
        var values = [Float](repeating: 0, count: scene.records * columns)
        let own = probabilities.values
        for (place, row) in rows.enumerated() {
            for column in 0..<columns {
                values[Int(row) * columns + column] = own[place * columns + column]
            }
        }
        return Tensor(rows: scene.records, columns: columns, values)
    }

    /// A line with the numbers of scans by what became of them.
    static func summary(_ outcomes: [Outcome], output: String) -> String {
        let tiles = outcomes.compactMap { outcome -> Int? in
            if case .labelled(let tiles) = outcome { tiles } else { nil }
        }
        let empty = outcomes.count { if case .empty = $0 { true } else { false } }
        let failed = outcomes.count { $0.failure != nil }
        let most = tiles.max() ?? 1
        return "\(tiles.count) scans labelled"
            + (most > 1 ? ", in up to \(most) tiles each" : "")
            + (empty > 0 ? ", \(empty) without points skipped" : "")
            + (failed > 0 ? ", \(failed) not labelled" : "") + ": \(output)"
    }
}
