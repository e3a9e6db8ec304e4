package import Tensors

/// The difference of two tensors of one shape.
package struct TensorDifference: Sendable, Equatable {
    /// The number of values.
    package var count = 0
    /// The number of values that differ in any bit.
    package var differing = 0
    /// The largest difference between values that are finite in both tensors.
    package var largest: Float = 0
    /// The largest distance in units in the last place.
    ///
    /// The distance is one more than the number of Float32 values in between. That of +0 and -0 is
    /// 1, that of NaN and another value 2^32.
    package var ulps: UInt64 = 0
    /// Sums of squares of the differences and of the first tensor's values, over finite values.
    var squares = (difference: 0.0, first: 0.0)

    /// The norm of the difference divided by the norm of the first tensor; nil if the latter is 0.
    package var relative: Double? {
        squares.first > 0 ? (squares.difference / squares.first).squareRoot() : nil
    }

    /// Whether both tensors have equal bits.
    package var isNone: Bool { differing == 0 }

    /// The difference of empty tensors.
    package init() {}

    /// The difference of two tensors of equal size.
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

    /// The difference over the values of both.
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

    /// Whether all figures are equal.
    package static func == (one: TensorDifference, other: TensorDifference) -> Bool {
        (one.count, one.differing, one.largest, one.ulps) == (
            other.count, other.differing, other.largest, other.ulps
        ) && one.squares == other.squares
    }

    private static func distance(_ a: Float, _ b: Float) -> UInt64 {
        guard !a.isNaN, !b.isNaN else { return 1 << 32 }
        return UInt64(abs(place(a) - place(b)))
    }

    /// The position of a value in the ascending order of all Float32 values.
    private static func place(_ value: Float) -> Int64 {
        let magnitude = Int64(value.bitPattern & 0x7fff_ffff)
        return value.sign == .minus ? -magnitude - 1 : magnitude
    }
}
