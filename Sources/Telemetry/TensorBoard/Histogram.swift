/// The distribution of some numbers over intervals of equal length.
package struct Histogram: Sendable, Equatable {
    /// The smallest number.
    package let low: Double
    /// The largest number.
    package let high: Double
    /// The count of finite numbers.
    package let count: Int
    /// The sum of the numbers.
    package let sum: Double
    /// The sum of the squares.
    package let squares: Double
    /// The upper ends of the intervals, which divide the range of the numbers.
    package let limits: [Double]
    /// The count of numbers in each interval.
    package let counts: [Int]

    /// The histogram of the finite numbers among some; nil if none is finite.
    package init?(of values: some Sequence<Float>, intervals: Int = 40) {
        let values = values.filter(\.isFinite).map { Double($0) }
        guard let low = values.min(), let high = values.max(), intervals > 0 else { return nil }
        self.low = low
        self.high = high
        count = values.count
        sum = values.reduce(0, +)
        squares = values.reduce(0) { $0 + $1 * $1 }
        let width = high > low ? (high - low) / Double(intervals) : 1
        var counts = [Int](repeating: 0, count: intervals)
        for value in values { counts[min(Int((value - low) / width), intervals - 1)] += 1 }
        self.counts = counts
        limits = (1...intervals).map {
            $0 == intervals && high > low ? high : low + Double($0) * width
        }
    }
}
