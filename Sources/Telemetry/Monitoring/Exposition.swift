/// Metrics in Prometheus' text format, version 0.0.4.
///
/// ```
/// # HELP denju_steps_total Steps done.
/// # TYPE denju_steps_total counter
/// denju_steps_total 120
/// ```
package struct Exposition: Sendable {
    /// The type of a metric.
    package enum Kind: String, Sendable {
        /// A value that only increases.
        case counter
        /// A value that increases and decreases.
        case gauge
    }

    /// The text so far.
    package private(set) var text = ""

    /// A text without metrics.
    package init() {}

    /// Adds a metric with a value for each set of labels, unless there are no values.
    ///
    /// - Parameters:
    ///   - name: letters, digits and underscores; a counter's ends in `_total`.
    ///   - help: the metric's meaning, in a sentence.
    package mutating func add(
        _ name: String, _ kind: Kind, _ help: String,
        _ values: [(labels: [String: String], value: Double)]
    ) {
        guard !values.isEmpty else { return }
        text +=
            "# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
        for (labels, value) in values {
            let list = labels.sorted { $0.key < $1.key }.map {
                "\($0.key)=\"\(Self.escaped($0.value, quotes: true))\""
            }
            text += name + (list.isEmpty ? "" : "{\(list.joined(separator: ","))}")
            text += " \(Self.number(value))\n"
        }
    }

    /// Adds a metric without labels.
    package mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
        add(name, kind, help, [(labels: [:], value: value)])
    }

    private static func number(_ value: Double) -> String {
        value.isNaN
            ? "NaN"
            : value.isInfinite
                ? (value > 0 ? "+Inf" : "-Inf")
                : value == value.rounded() && value.magnitude < 1e15 ? "\(Int(value))" : "\(value)"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        // By scalar: a quote with a combining mark is one character, which equals no quote.
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped.append(contentsOf: "\\\\".unicodeScalars)
            case "\n": escaped.append(contentsOf: "\\n".unicodeScalars)
            case "\"" where quotes: escaped.append(contentsOf: "\\\"".unicodeScalars)
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }
}
