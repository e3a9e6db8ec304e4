import Foundation

/// A share as a percentage with one decimal.
package func percent(_ share: Double) -> String { String(format: "%.1f", 100 * share) }

/// An integer with a space between thousands.
package func grouped(_ number: Int) -> String {
    var text = ""
    for (place, digit) in "\(number)".reversed().enumerated() {
        if place > 0 && place % 3 == 0 { text.append(" ") }
        text.append(digit)
    }
    return String(text.reversed())
}

extension [Double] {
    /// The median; 0 if the array is empty.
    package var median: Double {
        guard !isEmpty else { return 0 }
        let sorted = sorted()
        let middle = count / 2
        return count.isMultiple(of: 2)
            ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}
