extension Tensor {
    /// The column of the largest value in each row; the first of equal ones.
    public var largestColumns: [Int32] {
        withValues { values in
            (0..<rows).map { row in
                var best = 0
                for column in 1..<columns
                where values[row * columns + column] > values[row * columns + best] {
                    best = column
                }
                return Int32(best)
            }
        }
    }
}
