package import Tensors

/// How far two tensors of one shape are apart.
package struct TensorDifference: Sendable, Equatable {
    /// How many numbers there are.
    package var count = 0
    /// How many differ in any bit.
    package var differing = 0
    /// The largest difference, among numbers that are finite on both sides.
    package var largest: Float = 0
    /// The largest distance in units in the last place.
    ///
    /// How many other Float32 numbers lie between two, plus one; +0 and -0 are one apart, NaN and
    /// anything else 2^32.
    package var ulps: UInt64 = 0
    /// Sums of squares: of the differences, and of the first side's numbers; finite ones alone.
    var squares = (difference: 0.0, first: 0.0)

    /// The norm of the difference over the norm of the first side's numbers; nil where all of those
    /// are 0.
    package var relative: Double? {
        squares.first > 0 ? (squares.difference / squares.first).squareRoot() : nil
    }

    /// Whether both sides have the same bits.
    package var isNone: Bool { differing == 0 }

    /// No numbers at all.
    package init() {}

    /// The difference of two tensors, which must have as many values.
    package init(_ first: Tensor, _ second: Tensor) {
        precondition(first.count == second.count, "Tensors of different sizes.")
        count = first.count
        first.withValues { a in
            second.withValues { b in
                for index in a.indices { add(a[index], b[index]) }
            }
        }
    }

    private mutating func add(_ a: Float, _ b: Float) {
        if a.isFinite { squares.first += Double(a) * Double(a) }
        guard a.bitPattern != b.bitPattern else { return }
        differing += 1
        ulps = max(ulps, Self.distance(a, b))
        guard a.isFinite, b.isFinite else { return }
        let difference = Double(a) - Double(b)
        largest = max(largest, Float(abs(difference)))
        squares.difference += difference * difference
    }

    /// Both together.
    package static func + (one: TensorDifference, other: TensorDifference) -> TensorDifference {
        var sum = one
        sum.count += other.count
        sum.differing += other.differing
        sum.largest = max(one.largest, other.largest)
        sum.ulps = max(one.ulps, other.ulps)
        sum.squares.difference += other.squares.difference
        sum.squares.first += other.squares.first
        return sum
    }

    /// Whether both say the same.
    package static func == (one: TensorDifference, other: TensorDifference) -> Bool {
        (one.count, one.differing, one.largest, one.ulps) == (
            other.count, other.differing, other.largest, other.ulps
        ) && one.squares == other.squares
    }

    private static func distance(_ a: Float, _ b: Float) -> UInt64 {
        guard !a.isNaN, !b.isNaN else { return 1 << 32 }
        return UInt64(abs(place(a) - place(b)))
    }

    /// A number's place among all of them in ascending order.
    private static func place(_ value: Float) -> Int64 {
        let magnitude = Int64(value.bitPattern & 0x7fff_ffff)
        return value.sign == .minus ? -magnitude - 1 : magnitude
    }
}
