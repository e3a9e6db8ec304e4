import Checkpoints
package import Datasets
import Distillation
import Files
import Foundation
import Networks
import PointClouds
import Telemetry
import Tensors
import Training

/// Builds the report of a run from its folder.
package struct RunReportBuilder {
    let run: String
    /// The path of the teacher; nil for the recipe's.
    var teacher: String?
    /// The run of the same student trained without a teacher.
    var alone: String?
    var split = Split.validation
    /// The maximum number of scans to measure, spread evenly over the split.
    var scans = 64
    var threads = 1

    /// The number of scans in the viewer.
    private static let viewedScans = 4

    /// One model of the report.
    private typealias MeasuredModel = (
        role: ModelFigures.Role, model: StoredModel, reader: ModelReader
    )

    package init(
        run: String, teacher: String?, alone: String?, split: Split, scans: Int, threads: Int
    ) {
        self.run = run
        self.teacher = teacher
        self.alone = alone
        self.split = split
        self.scans = scans
        self.threads = threads
    }

    /// Measures the models and gathers the report.
    package func report() throws -> RunReport {
        let student = try StoredModel(run)
        guard let recipe = student.recipe else {
            throw UserError("\(run) is not a run: give a run's folder with its checkpoints.")
        }
        for warning in student.warnings { printMessage(warning) }
        var data = recipe.data
        // The scores use all labels of the split, also those that were withheld from training.
        data.labelled = nil
        let source = try SourceCatalogue.open(data, split: split)
        guard source.count > 0 else {
            throw UserError("The \(split.rawValue) split of \(recipe.data.source) is empty.")
        }
        var report = RunReport(
            title: URL(fileURLWithPath: run).lastPathComponent,
            formula: "\(recipe.objectives)", recipe: try text(of: recipe), classes: source.classes)
        report.palette = source.palette
        var models: [MeasuredModel] = []
        func add(_ role: ModelFigures.Role, _ model: StoredModel, at tap: Tap) throws {
            let reader = try ModelReader(
                model, recipe: recipe, source: source, tap: tap, name: role.rawValue)
            models.append((role, model, reader))
        }
        if let path = teacher ?? recipe.teacher?.model {
            do {
                var model = try StoredModel(path)
                if let assignments = recipe.teacher?.classes {
                    model = try model.adaptedTeacher(
                        source.classes, inputs: model.network.inputChannels, assignments,
                        withHeads: false)
                    report.notes.append(
                        "The teacher has other classes. The report shows them as teacher.classes of the "
                            + "recipe maps them"
                            + (model.noteOnMapping.map { ": \($0)." } ?? "."))
                }
                try add(.teacher, model, at: recipe.taps.teacher)
            } catch let error as ModelError where teacher == nil {
                // The recipe's path may not exist on this machine; a path from the command line must.
                report.notes.append("The report omits the teacher: \(error)")
            }
        } else if recipe.teacher != nil {
            report.notes.append(
                "The run used a knowledge pack. Name the teacher with --teacher to include it."
            )
        }
        try add(.student, student, at: recipe.taps.student)
        if let alone { try add(.alone, StoredModel(alone), at: recipe.taps.student) }

        let count = min(scans, source.count)
        let samples = (0..<count).map { $0 * source.count / count }
        report.measuredOn =
            "\(count) of \(source.count) \(split.rawValue) scans of \(recipe.data.source)"
        let excluded = Set(
            recipe.validation.excluded.compactMap { source.classes.firstIndex(of: $0) })
        for measured in models {
            let score = try measured.reader.score(
                samples, threads: threads, name: measured.role.rawValue)
            report.models.append(figures(of: measured, score, excluded: excluded, scans: count))
        }
        report.records = try records(of: run)
        report.validations = try validations(of: run)
        report.facts = try facts(recipe, report.records)
        try addScans(&report, models, samples)
        return report
    }

    // MARK: - The run's own files

    private func records(of run: String) throws -> [StepRecord] {
        let path = run + "/" + RunFolder.steps
        return FileManager.default.fileExists(atPath: path) ? try StepLog.records(at: path) : []
    }

    private func validations(of run: String) throws -> [ValidationRecord] {
        let path = run + "/" + RunFolder.validations
        return FileManager.default.fileExists(atPath: path)
            ? try ValidationLog.records(at: path) : []
    }

    private func text(of recipe: Recipe) throws -> String {
        let path = run + "/" + RunFolder.recipe
        // The file has the recipe as it was written, with comments.
        return (try? String(contentsOfFile: path, encoding: .utf8)) ?? recipe.text
    }

    private func facts(
        _ recipe: Recipe, _ records: [StepRecord]
    ) throws -> [(name: String, value: String)] {
        let place = try ModelLocation(run).newestCheckpoint()
        let state = try place.store.inspect(place.folder).state
        var facts = [
            ("run", state.runID),
            ("checkpoint", "\(place.folder), pass \(state.pass)"),
            ("weights and optimiser, SHA-256", try place.store.digest(place.folder).hex),
            ("recipe, SHA-256", state.recipeSHA256.hex),
            ("seed", "\(state.seed)"),
            ("data", "\(recipe.data.source), grid \(Readable.number(Double(recipe.grid))) m"),
            ("mini-batch", "\(recipe.batch) clouds, \(recipe.shard) a micro-shard"),
            (
                "numerics",
                "OpenBLAS core \(state.numerics.blasCore), kernels \(state.numerics.kernels), "
                    + "canary \(state.numerics.canary.prefix(16))"
            ),
            ("written by", "denju \(state.toolVersion)"),
        ]
        if let first = records.first, let last = records.last {
            let began = Date(timeIntervalSince1970: first.time - first.seconds)
            let format = Date.ISO8601FormatStyle(dateTimeSeparator: .space)
            facts.append(
                (
                    "time",
                    "\(began.formatted(format)) to "
                        + Date(timeIntervalSince1970: last.time).formatted(format)
                ))
            func sum(_ value: (StepRecord) -> Int) -> Int { records.reduce(0) { $0 + value($1) } }
            facts.append(
                (
                    "workers",
                    "\(records.map(\.workers).max() ?? 0) at most, \(sum(\.joins)) joined, "
                        + "\(sum(\.deaths)) were lost, \(sum(\.reissued)) micro-shards were "
                        + "reassigned"
                ))
            facts.append(
                (
                    "traffic",
                    "\(Readable.bytes(sum(\.bytesUp))) to the coordinator, "
                        + "\(Readable.bytes(sum(\.bytesDown))) from it"
                ))
        }
        return facts
    }

    // MARK: - Models

    private func figures(
        of measured: MeasuredModel, _ score: ModelReader.Score, excluded: Set<Int>, scans: Int
    ) -> ModelFigures {
        let matrix = score.matrix
        let size = ModelSize(measured.model.network)
        let memory = try? records(of: measured.model.path).last?.memory
        let name =
            switch measured.role {
            case .teacher: "teacher"
            case .student: measured.model.recipe?.teacher == nil ? "network" : "student"
            case .alone: "student alone"
            }
        return ModelFigures(
            role: measured.role, name: name, parameters: size.parameters, bytes: size.bytes,
            meanIoU: matrix.meanIntersectionOverUnion(excluding: excluded),
            meanAccuracy: matrix.meanAccuracy(excluding: excluded),
            overallAccuracy: matrix.overallAccuracy,
            secondsPerScan: score.seconds / Double(max(scans, 1)),
            trainingBytes: memory?.values.map(\.peakBytes).max(),
            iou: (0..<matrix.classes).map { label in
                matrix.truePoints(of: label) > 0 ? matrix.intersectionOverUnion(of: label) : nil
            },
            confusion: matrix.counts, confidence: score.confidence)
    }

    // MARK: - Scans, affinities, singular values

    /// Adds the viewer's scans, the affinities and the singular values.
    private func addScans(
        _ report: inout RunReport, _ models: [MeasuredModel], _ samples: [Int]
    ) throws {
        let count = min(Self.viewedScans, samples.count)
        let wanted = (0..<count).map { samples[$0 * samples.count / count] }
        let read = try models.map { measured in try wanted.map { try measured.reader.read($0) } }
        let source = models[0].reader.loader.source
        // A scan without points has no extent to draw, and no features.
        let kept = wanted.indices.filter { read[0][$0].scene.count > 0 }
        let chosen = kept.map { wanted[$0] }
        let readings = read.map { model in kept.map { model[$0] } }
        report.notes += source.remarks.map { "Data: \($0)." }
        report.scans = chosen.indices.map { place in
            let scene = readings[0][place].scene
            var labels: [(name: String, labels: [Int32])] =
                scene.labels.isEmpty ? [] : [("truth", scene.labels)]
            for (measured, reading) in zip(report.models, readings) {
                labels.append((measured.name, reading[place].labels))
            }
            return ViewedScan(
                name: source.name(of: chosen[place]), positions: scene.positions, labels: labels)
        }
        let shown = models.indices.filter { models[$0].role != .alone }
        let samplesOf = readings[0].map { reading in
            AffinitySample(labels: reading.voxels.cloud.labels, classes: source.classes.count)
        }
        guard let first = samplesOf.first, !first.rows.isEmpty else { return }
        func row(_ row: AffinityRow, _ a: Int, _ b: Int) {
            let values = shown.map { index in
                (
                    report.models[index].name,
                    readings[index][a].features.cosines(
                        samplesOf[a].rows, with: readings[index][b].features, samplesOf[b].rows)
                )
            }
            report.affinities.append(
                row.figures(values, rows: samplesOf[a], columns: samplesOf[b]))
        }
        let taps = shown.map { "\(report.models[$0].name) \(models[$0].reader.tap)" }
        row(
            AffinityRow(
                title: "Within a scan",
                note: "\(source.name(of: chosen[0])), features at \(taps.joined(separator: ", ")); "
                    + "dark is 0 and below, bright 1; in the difference blue is lower, red higher."),
            0, 0)
        if chosen.count > 1, !samplesOf[1].rows.isEmpty {
            row(
                AffinityRow(
                    title: "Across scans",
                    note: "Rows are points of \(source.name(of: chosen[0])), columns of "
                        + "\(source.name(of: chosen[1]))."), 0, 1)
        }
        report.spectra = spectra(report, models, readings.map { $0[0].features })
    }

    /// The singular values of the compared features and of the student's learnt projectors.
    private func spectra(
        _ report: RunReport, _ models: [MeasuredModel], _ features: [Tensor]
    ) -> [(title: String, note: String, lines: [(name: String, values: [Double])])] {
        func described(_ spectrum: Spectrum, _ name: String) -> (String, [Double]) {
            let rank = Readable.number(spectrum.effectiveRank)
            // Smaller values are rounding errors.
            let least = (spectrum.values.first ?? 0) * 1e-6
            return ("\(name), effective rank \(rank)", spectrum.values.filter { $0 > least })
        }
        var groups = [
            (
                "Features",
                "Of the first scan's points, at the compared taps.",
                zip(report.models, features).map { model, tensor in
                    // The cost of a spectrum grows with the rows; 2,000 suffice for its shape.
                    let rows = min(tensor.rows, 2000)
                    let selected = tensor.gatherRows(
                        (0..<rows).map { Int32($0 * tensor.rows / rows) })
                    return described(Spectrum(of: selected), model.name)
                }
            )
        ]
        let projectors = models.filter { $0.role == .student }.flatMap { measured in
            measured.model.own.filter { $0.name.contains("projector") && $0.shape.count == 2 }
        }
        if !projectors.isEmpty {
            groups.append(
                (
                    "Projectors", "From the student's features to the teacher's.",
                    projectors.map { described(Spectrum(of: $0.tensor), $0.name) }
                ))
        }
        return groups
    }
}
