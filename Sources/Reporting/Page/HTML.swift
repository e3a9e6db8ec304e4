/// Markup in which interpolated text is escaped and interpolated markup is not.
///
/// ```swift
/// let name = "a < b"
/// let cell: HTML = "<td>\(name)</td>"        // <td>a &lt; b</td>
/// let row: HTML = "<tr>\(cell)</tr>"         // <tr><td>a &lt; b</td></tr>
/// ```
///
/// The markup of this package is well-formed XML, so that tests can parse it.
package struct HTML: Sendable, Equatable, ExpressibleByStringInterpolation {
    /// The markup.
    package let text: String

    /// Markup from a literal of the program.
    package init(stringLiteral text: String) { self.text = text }

    /// Markup with interpolated values.
    package init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

    /// Concatenates parts, a line each.
    package init(_ parts: [HTML]) { text = parts.map(\.text).joined(separator: "\n") }

    /// Markup from a string that is already escaped.
    package init(markup: String) { text = markup }

    /// Empty markup.
    package static let nothing = HTML("")

    /// The interpolation of values into markup.
    package struct StringInterpolation: StringInterpolationProtocol, Sendable {
        fileprivate var text = ""

        /// Reserves capacity.
        package init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + 16 * interpolationCount)
        }

        /// Appends markup of a literal.
        package mutating func appendLiteral(_ literal: String) { text += literal }

        /// Appends markup unchanged.
        package mutating func appendInterpolation(_ markup: HTML) { text += markup.text }

        /// Appends parts, a line each.
        package mutating func appendInterpolation(_ parts: [HTML]) { text += HTML(parts).text }

        /// Appends a text, with the characters that have a meaning in markup escaped.
        package mutating func appendInterpolation(_ string: String) { text += string.escaped }

        /// Appends an integer.
        package mutating func appendInterpolation(_ number: Int) { text += "\(number)" }

        /// Appends a coordinate of a figure, rounded to hundredths.
        ///
        /// More digits are invisible, and coordinates make up most of a report.
        package mutating func appendInterpolation(_ coordinate: Double) {
            let hundredths = (coordinate * 100).rounded()
            // An attribute must be a number: values that are not finite become 0.
            guard hundredths.magnitude < 1e15, hundredths != 0 else {
                text += "0"
                return
            }
            let whole = Int(hundredths)
            let (units, rest) = (whole.magnitude / 100, whole.magnitude % 100)
            text += (whole < 0 ? "-" : "") + "\(units)"
            if rest > 0 {
                text += rest % 10 == 0 ? ".\(rest / 10)" : rest < 10 ? ".0\(rest)" : ".\(rest)"
            }
        }
    }
}

extension String {
    /// The string as text or attribute value; characters that XML forbids become spaces.
    var escaped: String {
        var text = ""
        text.reserveCapacity(utf8.count)
        for scalar in unicodeScalars {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            case "\n", "\t": text.unicodeScalars.append(scalar)
            case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": text += " "
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
