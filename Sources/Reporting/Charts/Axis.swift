import Foundation

/// A range of values with round marks.
package struct Axis: Sendable {
    /// The mapping of values to distances.
    package enum Scale: Sendable {
        /// Equal distances for equal differences.
        case linear
        /// Equal distances for equal ratios; values that are not positive have no position.
        case logarithmic
    }

    /// The lower end.
    package let low: Double
    /// The upper end.
    package let high: Double
    /// Round values within the range, in ascending order.
    package let marks: [Double]
    private let scale: Scale

    /// An axis with the given ends.
    ///
    /// - Parameter count: the approximate maximum number of marks.
    package init(from low: Double, to high: Double, marks count: Int = 6, _ scale: Scale = .linear)
    {
        self.low = low
        self.high = high > low ? high : low + 1
        self.scale = scale
        marks =
            scale == .linear
            ? Self.rounds(from: low, to: self.high, count) : Self.decades(from: low, to: self.high)
    }

    /// An axis that covers the values; values that are not finite or have no position are ignored.
    ///
    /// - Parameter reaching: further values to cover.
    package init(
        covering values: [Double], reaching: [Double] = [], marks: Int = 6, _ scale: Scale = .linear
    ) {
        let shown = (values + reaching).filter { $0.isFinite && (scale == .linear || $0 > 0) }
        let (low, high) = (shown.min() ?? (scale == .linear ? 0 : 0.1), shown.max() ?? 1)
        switch scale {
        case .linear:
            // An end given in `reaching`, usually 0, is exact. Other ends get a margin, so that curves
            // do not run along the frame.
            let margin = max((high - low) * 0.06, high == low ? max(abs(high) * 0.1, 0.1) : 0)
            self.init(
                from: reaching.contains(low) ? low : low - margin,
                to: reaching.contains(high) && high > low ? high : high + margin, marks: marks,
                scale)
        case .logarithmic:
            self.init(from: low / 1.15, to: max(high * 1.15, low * 2), marks: marks, scale)
        }
    }

    /// The position of a value between the ends, 0 … 1; nil if it has none.
    package func place(of value: Double) -> Double? {
        switch scale {
        case .linear: return value.isFinite ? (value - low) / (high - low) : nil
        case .logarithmic:
            return value > 0 && value.isFinite ? log(value / low) / log(high / low) : nil
        }
    }

    /// A mark's label.
    package func label(_ mark: Double) -> String {
        if mark == 0 { return "0" }
        let size = abs(mark)
        if size >= 1e5 || size < 1e-3 {
            let exponent = Int(log10(size).rounded(.down))
            let lead = mark / pow(10, Double(exponent))
            return String(format: "%.3ge%d", lead, exponent)
        }
        if size >= 1e4 { return String(format: "%gk", mark / 1000) }
        return String(format: "%.4g", mark)
    }

    /// At most `count` multiples of 1, 2 or 5 times a power of ten, including zero if it lies within.
    private static func rounds(from low: Double, to high: Double, _ count: Int) -> [Double] {
        let rough = (high - low) / Double(max(count, 1))
        let unit = pow(10, log10(rough).rounded(.down))
        // The tolerance keeps a range of exactly `count` steps from getting a coarser step by
        // rounding.
        let step = [1, 2, 5, 10].map { $0 * unit }.first { $0 >= rough * 0.999 } ?? 10 * unit
        let first = Int((low / step - 1e-9).rounded(.up))
        let last = Int((high / step + 1e-9).rounded(.down))
        return first <= last ? (first...last).map { Double($0) * step } : []
    }

    private static func decades(from low: Double, to high: Double) -> [Double] {
        let first = Int(log10(low).rounded(.down))
        let last = Int(log10(high).rounded(.up))
        // The loss of a diverging run may cover hundreds of decades.
        guard first <= last, last - first < 400 else { return [] }
        let leads: [Double] = last - first <= 2 ? [1, 2, 5] : [1]
        let step = max(1, (last - first) / 7)
        return stride(from: first, through: last, by: step).flatMap { exponent in
            leads.map { $0 * pow(10, Double(exponent)) }
        }.filter { $0 >= low && $0 <= high }
    }
}
