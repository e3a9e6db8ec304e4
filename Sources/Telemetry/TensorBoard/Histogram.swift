/// How many of some numbers lie where.
package struct Histogram: Sendable, Equatable {
    /// The least number.
    package let low: Double
    /// The greatest number.
    package let high: Double
    /// How many numbers.
    package let count: Int
    /// Their sum.
    package let sum: Double
    /// The sum of their squares.
    package let squares: Double
    /// The upper ends of stretches of equal length from the least to the greatest.
    package let limits: [Double]
    /// How many lie in each.
    package let counts: [Int]

    /// The histogram of some numbers in so many stretches; nil if none is finite.
    package init?(of values: some Sequence<Float>, stretches: Int = 40) {
        let values = values.filter(\.isFinite).map { Double($0) }
        guard let low = values.min(), let high = values.max(), stretches > 0 else { return nil }
        self.low = low
        self.high = high
        count = values.count
        sum = values.reduce(0, +)
        squares = values.reduce(0) { $0 + $1 * $1 }
        let width = high > low ? (high - low) / Double(stretches) : 1
        var counts = [Int](repeating: 0, count: stretches)
        for value in values { counts[min(Int((value - low) / width), stretches - 1)] += 1 }
        self.counts = counts
        limits = (1...stretches).map {
            $0 == stretches && high > low ? high : low + Double($0) * width
        }
    }
}
