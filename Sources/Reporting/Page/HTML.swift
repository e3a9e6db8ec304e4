/// Markup; texts that are put into it are escaped, other markup is not.
///
/// ```swift
/// let name = "a < b"
/// let cell: HTML = "<td>\(name)</td>"        // <td>a &lt; b</td>
/// let row: HTML = "<tr>\(cell)</tr>"         // <tr><td>a &lt; b</td></tr>
/// ```
///
/// What is written here is well-formed as XML as well, so that a test can read it.
package struct HTML: Sendable, Equatable, ExpressibleByStringInterpolation {
    /// The markup.
    package let text: String

    /// Markup that stands in the program.
    package init(stringLiteral text: String) { self.text = text }

    /// Markup with values in it.
    package init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

    /// Parts one after the other.
    package init(_ parts: [HTML]) { text = parts.map(\.text).joined(separator: "\n") }

    /// Markup that was made elsewhere.
    package init(markup: String) { text = markup }

    /// No markup.
    package static let nothing = HTML("")

    /// What becomes of values that stand in markup.
    package struct StringInterpolation: StringInterpolationProtocol, Sendable {
        fileprivate var text = ""

        /// Room for some markup.
        package init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + 16 * interpolationCount)
        }

        /// Markup as it stands.
        package mutating func appendLiteral(_ literal: String) { text += literal }

        /// Markup as it is.
        package mutating func appendInterpolation(_ markup: HTML) { text += markup.text }

        /// Parts one after the other.
        package mutating func appendInterpolation(_ parts: [HTML]) { text += HTML(parts).text }

        /// A text, with what means something in markup escaped.
        package mutating func appendInterpolation(_ string: String) { text += string.escaped }

        /// A whole number.
        package mutating func appendInterpolation(_ number: Int) { text += "\(number)" }

        /// A place in a figure: to a hundredth, which no eye sees.
        package mutating func appendInterpolation(_ place: Double) {
            let hundredths = (place * 100).rounded()
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
    /// As a text or an attribute's value has it; what XML has no place for becomes a space.
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
