import Checkpoints
package import Cluster
import Files
import Foundation
package import Reporting
import Synchronization
import Telemetry
package import Training

/// Reports a run's events: a progress bar, a line of JSON per step and validation, the live page and
/// TensorBoard's event files.
package final class RunReporter: Sendable {
    private struct State {
        var training: ProgressDisplay?
        var validating: ProgressDisplay?
        var log: StepLog?
        var validations: ValidationLog?
        var trace = Trace()
        /// The name of the worker for which steps have waited longest.
        var slowest: String?
        var compression: Compression?
        var failures = RecordFailures()
    }

    private let recipe: Recipe
    private let folder: String
    private let classes: @Sendable () throws -> [String]
    private let monitor: RunMonitor?
    private let board: TensorBoardWriter?
    private let state = Mutex(State())

    /// A reporter of the run in a folder.
    ///
    /// - Parameters:
    ///   - monitor: the live page, if there is one.
    ///   - board: the writer of TensorBoard's event files, if they are wanted.
    package init(
        _ recipe: Recipe, folder: String, monitor: RunMonitor? = nil,
        board: TensorBoardWriter? = nil
    ) {
        self.recipe = recipe
        self.folder = folder
        self.monitor = monitor
        self.board = board
        // Reading the names may open the data set, which only a validation requires.
        classes = { try recipe.classNames() }
    }

    /// Reports one event.
    package func record(_ event: RunEvent) {
        // Events arrive from the coordinator's thread and from the writer of checkpoints.
        state.withLock { state in
            switch event {
            case .listening(let endpoint, let step): begin(&state, "\(endpoint)", step)
            case .cluster(let event): print("\(event)", &state)
            case .diagnostic(let diagnostic): print("\(diagnostic)", &state)
            case .compression(let compression):
                state.compression = compression
                print(compression.sentence, &state)
            case .progress: break
            case .step(let summary): record(summary, &state)
            case .validating(let done, let total):
                if state.validating == nil {
                    state.validating = ProgressDisplay("validating", total: total, unit: "scan")
                }
                state.validating?.update(done, note: "")
            case .validated(let summary):
                state.validating?.finish()
                state.validating = nil
                record(summary, &state)
            case .saved(let folder):
                print("checkpoint \(folder)", &state)
                writeTrace(&state)
            case .status(let status):
                state.slowest = status.slowest?.name
                monitor?.record(status)
            }
        }
    }

    /// Reports the reason for which the run ended.
    package func finish(_ reason: String) {
        let compression = state.withLock { state in
            state.training?.finish()
            state.training = nil
            writeTrace(&state)
            return state.compression
        }
        monitor?.finish()
        printMessage("the run ends: \(reason)" + (compression.map { "; \($0.sentence)" } ?? ""))
    }

    /// Writes the trace of the last steps to the run's folder.
    private func writeTrace(_ state: inout State) {
        guard !state.trace.steps.isEmpty else { return }
        let trace = state.trace
        write(RunFolder.trace, &state) { _ in
            try trace.chromeJSON.write(
                toFile: folder + "/" + RunFolder.trace, atomically: true, encoding: .utf8)
        }
    }

    /// Writes to a file of the run's folder; an error is reported once, and training continues.
    private func write(
        _ file: String, _ state: inout State, _ body: (inout State) throws -> Void
    ) {
        var failures = state.failures
        let remark = failures.write(folder + "/" + file) {
            do { try body(&state) } catch { throw UserError(sentence(of: error)) }
        }
        state.failures = failures
        if let remark { print(remark, &state) }
    }

    private func begin(_ state: inout State, _ endpoint: String, _ step: Int) {
        printMessage("objectives: \(recipe.objectives)")
        printMessage("coordinator at \(endpoint), run folder \(folder)")
        write(RunFolder.monitor, &state) { _ in try monitor?.publish() }
        // Steps after the checkpoint are computed again: their earlier records are cut off.
        write(RunFolder.steps, &state) {
            $0.log = try StepLog(folder + "/" + RunFolder.steps, resumingAfter: step)
        }
        write(RunFolder.validations, &state) {
            $0.validations = try ValidationLog(
                folder + "/" + RunFolder.validations, resumingAfter: step)
        }
        write(RunFolder.board, &state) { _ in try board?.begin(after: step) }
        state.training = ProgressDisplay(
            "training", total: recipe.steps, startingAt: step, unit: "step")
    }

    private func print(_ line: String, _ state: inout State) {
        if let bar = state.training { bar.print(line) } else { printMessage(line) }
    }

    private func record(_ summary: StepSummary, _ state: inout State) {
        let terms = summary.terms.map { "\($0.name.lastPart) \(Readable.number($0.value))" }
        let note =
            "loss \(Readable.number(summary.loss)) (\(terms.joined(separator: ", "))), "
            + "\(summary.counts.workers) workers"
            + (state.slowest.map { ", \($0) the slowest" } ?? "")
        state.training?.update(summary.step, note: note)
        state.trace.keep(summary.trace)
        let record = stepRecord(of: summary)
        monitor?.record(record, summary.trace)
        write(RunFolder.steps, &state) { try $0.log?.append(record) }
        write(RunFolder.board, &state) { _ in
            try board?.record(record, weights: summary.weights)
        }
    }

    private func stepRecord(of summary: StepSummary) -> StepRecord {
        func terms(_ value: KeyPath<StepSummary.Term, Double>) -> [String: Double] {
            Dictionary(
                uniqueKeysWithValues: summary.terms.map { ($0.name, $0[keyPath: value]) })
        }
        var phases: [Phase: PhaseTimes] = [:]
        for phase in ShardPhase.allCases {
            phases[phase.recorded] = PhaseTimes(
                summary.workers.map { (worker: $0.name, seconds: $0.times[phase] / .seconds(1)) })
        }
        return StepRecord(
            step: summary.step, pass: summary.pass, weightsVersion: summary.step,
            time: Date().timeIntervalSince1970, seconds: summary.seconds, loss: summary.loss,
            terms: terms(\.value), weights: terms(\.weight), gradientNorms: terms(\.gradientNorm),
            metrics: summary.metrics.isEmpty
                ? nil : Dictionary(uniqueKeysWithValues: summary.metrics.map { ($0, $1) }),
            gradientNorm: summary.gradientNorm,
            learningRates: ["blocks": summary.rates.blocks, "others": summary.rates.others],
            samples: recipe.batch, points: summary.points, phases: phases,
            coordinator: summary.coordinator,
            bytesUp: summary.bytes.up, bytesDown: summary.bytes.down,
            reissued: summary.counts.reissued, duplicates: summary.counts.duplicates,
            joins: summary.counts.joins, deaths: summary.counts.deaths,
            workers: summary.counts.workers, standstill: summary.standstill,
            // A worker that has reconnected within the step is listed twice.
            memory: Dictionary(summary.workers.map { ($0.name, $0.memory) }) { $1 },
            weightsDigest: summary.weights.map { $0.digest.hex })
    }

    private func record(_ summary: ValidationSummary, _ state: inout State) {
        let matrix = summary.whole
        let names = (try? classes()) ?? (0..<matrix.classes).map { "class \($0)" }
        let excluded = Set(recipe.validation.excluded.compactMap { names.firstIndex(of: $0) })
        let usual = percent(summary.usual.meanIntersectionOverUnion(excluding: excluded))
        let comparison =
            summary.scans > summary.usualScans
            ? " (on all \(summary.scans) scans; mIoU \(usual) on the \(summary.usualScans) of the other "
                + "validations)" : ""
        print(
            "step \(summary.step): "
                + "mIoU \(percent(matrix.meanIntersectionOverUnion(excluding: excluded))), "
                + "mAcc \(percent(matrix.meanAccuracy(excluding: excluded))), "
                + "allAcc \(percent(matrix.overallAccuracy))\(comparison)"
                + (summary.isBest ? ", the best so far" : ""),
            &state)
        let record = ValidationRecord(
            step: summary.step, time: Date().timeIntervalSince1970,
            meanIoU: matrix.meanIntersectionOverUnion(excluding: excluded),
            meanAccuracy: matrix.meanAccuracy(excluding: excluded),
            overallAccuracy: matrix.overallAccuracy, classes: names,
            confusion: matrix.counts, isBest: summary.isBest, seconds: summary.seconds,
            scans: summary.scans)
        monitor?.record(record)
        write(RunFolder.validations, &state) { try $0.validations?.append(record) }
        write(RunFolder.board, &state) { _ in try board?.record(record) }
        let scored = names.indices.filter { matrix.truePoints(of: $0) > 0 }
        let line = scored.map { label in
            "\(names[label]) \(percent(matrix.intersectionOverUnion(of: label) ?? 0))"
        }
        print("  IoU: " + line.joined(separator: ", "), &state)
    }
}

extension Compression {
    /// A sentence with both sizes and their ratio.
    fileprivate var sentence: String {
        func words(_ size: ModelSize) -> String {
            "\(Readable.count(size.parameters)) parameters (\(Readable.bytes(size.bytes)))"
        }
        return "the teacher has \(words(teacher)), the student \(words(student)): compressed "
            + "\(Readable.number(ratio)) times"
    }
}

extension String {
    /// The part after the last dot: `dense` of `relation.dense`.
    fileprivate var lastPart: String { split(separator: ".").last.map(String.init) ?? self }
}
