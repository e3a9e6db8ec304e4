package import FoundationEssentials

/// An activity of the coordinator or a worker in an interval of time.
package struct Span: Codable, Sendable, Equatable {
    /// `coordinator`, or the worker's name in records.
    package var actor: String
    /// The activity.
    package var phase: Phase
    /// The beginning, in seconds since the coordinator's start.
    package var start: Double
    /// The duration in seconds.
    package var seconds: Double

    /// A span.
    package init(actor: String, phase: Phase, start: Double, seconds: Double) {
        self.actor = actor
        self.phase = phase
        self.start = start
        self.seconds = seconds
    }
}

/// The spans of some steps, for a trace viewer.
package struct Trace: Sendable {
    /// The spans of a step.
    package struct Step: Codable, Sendable, Equatable {
        /// The number of completed steps, this one included.
        package var step: Int
        /// The beginning, in seconds since the coordinator's start.
        package var start: Double
        /// The duration in seconds.
        package var seconds: Double
        /// The spans.
        package var spans: [Span]

        /// A step with its spans.
        package init(step: Int, start: Double, seconds: Double, spans: [Span]) {
            self.step = step
            self.start = start
            self.seconds = seconds
            self.spans = spans
        }
    }

    /// The steps in order.
    package var steps: [Step]

    /// A trace of these steps.
    package init(_ steps: some Sequence<Step> = []) { self.steps = Array(steps) }

    /// Reads the output of ``chromeJSON``.
    package init(chromeJSON data: Data) throws {
        let events = try JSONDecoder().decode([Event].self, from: data)
        let actors = Dictionary(
            events.filter { $0.ph == "M" }.map { ($0.pid, $0.args?["name"] ?? "") }
        ) { $1 }
        steps = []
        var places: [String: Int] = [:]
        for event in events where event.ph == "X" && event.tid == 0 {
            guard let number = event.name.split(separator: " ").last, let step = Int(number) else {
                continue
            }
            places["\(step)"] = steps.count
            steps.append(
                Step(
                    step: step, start: event.ts / 1e6, seconds: (event.dur ?? 0) / 1e6, spans: []))
        }
        for event in events where event.ph == "X" && event.tid != 0 {
            guard let place = event.args?["step"].flatMap({ places[$0] }),
                let phase = Phase(rawValue: event.name), let actor = actors[event.pid]
            else { continue }
            steps[place].spans.append(
                Span(
                    actor: actor, phase: phase, start: event.ts / 1e6,
                    seconds: (event.dur ?? 0) / 1e6))
        }
    }

    /// Adds a step and drops the oldest ones: at most ``mostSteps`` are kept, and fewer if they
    /// have very many spans.
    package mutating func keep(_ step: Step) {
        steps.append(step)
        var spans = steps.reduce(0) { $0 + $1.spans.count }
        // Status answers include these spans, and a message's size is limited.
        while steps.count > Self.mostSteps || (spans > Self.mostSpans && steps.count > 1) {
            spans -= steps.removeFirst().spans.count
        }
    }

    /// The most steps that ``keep(_:)`` retains.
    package static let mostSteps = 20
    private static let mostSpans = 10_000

    /// The trace in the Trace Event Format of Chrome's viewer and Perfetto.
    ///
    /// The JSON array has one process for the coordinator and for each worker; times are
    /// microseconds.
    package var chromeJSON: String {
        get throws {
            let actors =
                ["coordinator"]
                + Set(steps.flatMap { $0.spans.map(\.actor) }).subtracting(["coordinator"]).sorted()
            var events = actors.enumerated().map { process, name in
                Event(
                    name: "process_name", ph: "M", pid: process, tid: 0, ts: 0, dur: nil,
                    args: ["name": name])
            }
            for step in steps {
                events.append(
                    Event(
                        name: "step \(step.step)", ph: "X", pid: 0, tid: 0, ts: step.start * 1e6,
                        dur: step.seconds * 1e6, args: nil))
                for span in step.spans {
                    events.append(
                        Event(
                            name: span.phase.rawValue, ph: "X",
                            pid: actors.firstIndex(of: span.actor) ?? 0, tid: 1,
                            ts: span.start * 1e6, dur: span.seconds * 1e6,
                            args: ["step": "\(step.step)"]))
                }
            }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            return String(decoding: try encoder.encode(events), as: UTF8.self)
        }
    }

    private struct Event: Codable {
        var name: String
        var ph: String
        var pid: Int
        var tid: Int
        var ts: Double
        var dur: Double?
        var args: [String: String]?
    }
}
