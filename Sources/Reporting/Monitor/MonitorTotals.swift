import Telemetry
import Training

/// The sums over a run's steps, for Prometheus.
struct MonitorTotals: Sendable {
    private var steps = 0
    private var seconds = 0.0
    private var points = 0
    private var bytes = (up: 0, down: 0)
    private var counts = (reissued: 0, duplicates: 0, joins: 0, deaths: 0)
    private var phases: [Phase: Double] = [:]
    private var unattributed = 0.0

    /// Adds a step.
    mutating func add(_ record: StepRecord) {
        steps += 1
        seconds += record.seconds
        points += record.points
        bytes.up += record.bytesUp
        bytes.down += record.bytesDown
        counts.reissued += record.reissued
        counts.duplicates += record.duplicates
        counts.joins += record.joins
        counts.deaths += record.deaths
        for (phase, seconds) in record.coordinator ?? [:] { phases[phase, default: 0] += seconds }
        unattributed += record.unattributed ?? 0
    }

    /// The metrics in Prometheus' text format: sums, the last step, the last validation and the status.
    ///
    /// Labels are names of workers, terms, phases and classes, so that their number is bounded.
    ///
    /// - Parameter idle: seconds since the last completed step or validated scan; nil before the first.
    func exposition(
        _ status: RunStatus?, _ last: StepRecord?, _ validation: ValidationRecord?, idle: Double?
    ) -> String {
        var out = Exposition()
        out.add(
            "denju_steps_total", .counter, "Steps completed by this coordinator.", Double(steps))
        out.add("denju_step_seconds_total", .counter, "Seconds spent on steps.", seconds)
        out.add("denju_points_total", .counter, "Points of the training steps.", Double(points))
        out.add(
            "denju_wire_bytes_total", .counter, "Bytes between the coordinator and its workers.",
            [
                (labels: ["direction": "up"], value: Double(bytes.up)),
                (labels: ["direction": "down"], value: Double(bytes.down)),
            ])
        out.add(
            "denju_reissued_total", .counter, "Micro-shards that were reassigned.",
            Double(counts.reissued))
        out.add(
            "denju_duplicates_total", .counter, "Results received more than once.",
            Double(counts.duplicates))
        out.add("denju_joins_total", .counter, "Workers that joined.", Double(counts.joins))
        out.add("denju_deaths_total", .counter, "Workers that were lost.", Double(counts.deaths))
        var times: [(labels: [String: String], value: Double)] = []
        for phase in Phase.allCases {
            guard let seconds = phases[phase] else { continue }
            times.append((labels: ["phase": phase.rawValue], value: seconds))
        }
        times.append((labels: ["phase": "unattributed"], value: unattributed))
        out.add(
            "denju_coordinator_seconds_total", .counter,
            "Seconds of the coordinator's thread by phase.",
            times)
        if let idle {
            out.add(
                "denju_progress_age_seconds", .gauge,
                "Seconds since the last completed step or validated scan.", idle)
        }
        if let status { Self.add(status, to: &out) }
        if let last { Self.add(last, to: &out) }
        if let validation { Self.add(validation, to: &out) }
        return out.text
    }

    private static func add(_ status: RunStatus, to out: inout Exposition) {
        out.add("denju_step", .gauge, "Completed steps of the run.", Double(status.step))
        out.add("denju_steps", .gauge, "Steps of the run.", Double(status.steps))
        out.add(
            "denju_workers_missing", .gauge, "Workers that the run waits for.",
            Double(status.missing))
        // A worker that has reconnected is listed twice until its old connection is removed, and
        // Prometheus rejects a scrape with two equal series.
        var seen: Set<String> = []
        let workers = status.workers.filter { seen.insert($0.name).inserted }
        func add(_ name: String, _ help: String, _ value: (RunStatus.Worker) -> Double) {
            out.add(
                name, .gauge, help, workers.map { (labels: ["worker": $0.name], value: value($0)) })
        }
        add("denju_worker_up", "Whether a worker accepts leases.") { $0.isReady ? 1 : 0 }
        add("denju_worker_silence_seconds", "Seconds since the last message of a worker.") {
            $0.silence
        }
        add(
            "denju_worker_work_seconds", "Seconds of work per step and thread of a worker."
        ) { $0.work }
        add(
            "denju_worker_cost_seconds", "Seconds that steps have waited for a worker."
        ) { $0.cost }
    }

    private static func add(_ last: StepRecord, to out: inout Exposition) {
        out.add("denju_loss", .gauge, "Loss of the last step.", last.loss)
        out.add(
            "denju_term", .gauge, "Unweighted terms of the loss.",
            last.terms.sorted { $0.key < $1.key }.map {
                (labels: ["term": $0.key], value: $0.value)
            })
        out.add("denju_step_seconds", .gauge, "Seconds of the last step.", last.seconds)
        out.add(
            "denju_gradient_norm", .gauge, "Gradient norm before clipping.",
            last.gradientNorm)
        out.add(
            "denju_worker_phase_seconds", .gauge,
            "Seconds of the median worker's threads by phase of the last step.",
            Phase.allCases.compactMap { phase in
                last.phases[phase].map { (labels: ["phase": phase.rawValue], value: $0.median) }
            })
        out.add(
            "denju_worker_peak_bytes", .gauge, "Peak memory of a worker.",
            (last.memory ?? [:]).sorted { $0.key < $1.key }.map {
                (labels: ["worker": $0.key], value: Double($0.value.peakBytes))
            })
    }

    private static func add(_ validation: ValidationRecord, to out: inout Exposition) {
        out.add(
            "denju_validation_step", .gauge, "Completed steps at the last validation.",
            Double(validation.step))
        out.add(
            "denju_validation_miou", .gauge,
            "Mean intersection over union of the last validation.", validation.meanIoU)
        let matrix = ConfusionMatrix(
            classes: validation.classes.count, counts: validation.confusion)
        out.add(
            "denju_validation_iou", .gauge,
            "Intersection over union of each class at the last validation.",
            validation.classes.enumerated().compactMap { label, name in
                guard matrix.truePoints(of: label) > 0 else { return nil }
                return matrix.intersectionOverUnion(of: label).map { (["class": name], $0) }
            })
    }
}
