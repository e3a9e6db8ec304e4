import Telemetry

/// The phases of some steps over time, in a lane for the coordinator and each worker.
struct Timeline {
    var steps: [Trace.Step]

    private static let (left, right, width) = (110.0, 10.0, 980.0)
    private static let (lane, top) = (24.0, 8.0)
    /// The maximum number of lanes: more are unreadable on one screen.
    private static let maximumLanes = 24

    var html: HTML {
        guard let first = steps.first, let last = steps.last else { return .nothing }
        let all = Set(steps.flatMap { $0.spans.map(\.actor) })
        let actors = (["coordinator"] + all.subtracting(["coordinator"]).sorted()).prefix(
            Self.maximumLanes)
        let axis = Axis(from: 0, to: max(last.start + last.seconds - first.start, 1e-6), marks: 8)
        let room = Self.width - Self.left - Self.right
        func across(_ time: Double) -> Double {
            Self.left + min(max(axis.place(of: time - first.start) ?? 0, 0), 1) * room
        }
        let foot = Self.top + Double(actors.count) * Self.lane
        var parts: [HTML] = []
        for step in steps {
            let x = across(step.start)
            parts.append(
                """
                <line class="rule" x1="\(x)" x2="\(x)" y1="\(Self.top)" y2="\(foot + 4)"/>\
                <text x="\(x + 3)" y="\(foot + 16)">step \(step.step)</text>
                """)
        }
        for (place, actor) in actors.enumerated() {
            let y = Self.top + Double(place) * Self.lane
            parts.append(
                """
                <text class="strong" x="\(Self.left - 8)" y="\(y + 15)" text-anchor="end">\
                \(actor.shortened)</text>
                """)
            for span in steps.flatMap(\.spans) where span.actor == actor {
                let (a, b) = (across(span.start), across(span.start + span.seconds))
                // Spans outside the axis are clamped to an empty one.
                guard b > a else { continue }
                parts.append(
                    """
                    <rect class="fill c\(Self.colour(of: span.phase))" x="\(a)" y="\(y + 3)" \
                    width="\(max(b - a, 0.7))" height="\(Self.lane - 7)" rx="1.5"\
                    \(span.phase == .exchangeWait ? HTML(" opacity=\"0.35\"") : .nothing)>\
                    <title>\(actor): \(span.phase.rawValue), \
                    \(Readable.duration(seconds: span.seconds))</title></rect>
                    """)
            }
        }
        let shown = Phase.allCases.filter { phase in
            steps.contains { $0.spans.contains { $0.phase == phase } }
        }
        return Figure(
            title: "Timeline",
            note:
                "The last steps. A worker's phases end at the moment of its report.",
            keys: shown.map {
                .init(name: $0.rawValue.replacing("_", with: " "), colour: Self.colour(of: $0))
            },
            width: Self.width, height: foot + 22, isWide: true, drawing: HTML(parts)
        ).html
    }

    private static func colour(of phase: Phase) -> Int {
        switch phase {
        case .student, .optimizer: 0
        case .teacher: 1
        case .backward, .reduce: 2
        case .objectives, .checkpoint: 3
        case .exchangeWait, .idle, .bookkeeping: 4
        case .data, .validation: 5
        case .contribution, .send, .broadcast: 6
        }
    }
}
