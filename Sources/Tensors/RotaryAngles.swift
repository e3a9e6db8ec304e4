/// Cosines and sines by which attention rotates queries and keys, so that their products depend on
/// the difference of positions (Su et al., RoFormer, arXiv 2104.09864, in three dimensions).
public struct RotaryAngles: Sendable {
    /// Rotated pairs of channels of each axis.
    public let pairs: Int
    /// The number of rows.
    public let rows: Int
    /// Cosine and sine of each row, axis and pair: rows x 3 x pairs.
    let cosines: [Float]
    let sines: [Float]

    /// The angles of cells on a grid: coordinate x base^(-pair / pairs).
    ///
    /// They are computed in Double by additions and multiplications alone, hence equal on all
    /// machines, once for each coordinate that occurs on an axis.
    ///
    /// - Parameters:
    ///   - cells: the cell of each row, without negative coordinates.
    ///   - base: above 0.
    public init(cells: [SIMD3<Int32>], base: Double, pairs: Int) {
        let frequencies = Self.frequencies(base: base, pairs: pairs).map { $0 / 6.283185307179586 }
        let largest = cells.reduce(0) { max($0, $1.max()) }
        precondition(cells.allSatisfy { $0.min() >= 0 }, "Cells have no negative coordinates.")
        var table: [(Float, Float)] = []
        table.reserveCapacity((Int(largest) + 1) * pairs)
        for coordinate in 0...Int(largest) {
            for frequency in frequencies {
                let turns = Double(coordinate) * frequency
                table.append((Float(cosine(turns: turns)), Float(sine(turns: turns))))
            }
        }
        self.init(rows: cells.count, pairs: pairs) { row, axis, pair in
            table[Int(cells[row][axis]) * pairs + pair]
        }
    }

    /// The angles of positions in space: coordinate x frequency, in radians.
    ///
    /// Computed in Double like those of cells, within 1e-15 (1 + |angle|) before they are rounded to
    /// Float; a public network that multiplies in Float32 differs by 6e-8 times the angle.
    ///
    /// - Parameters:
    ///   - positions: the position of each row; coordinates may be negative.
    ///   - frequencies: of each pair, as networks store them (`inv_freq`).
    public init(positions: [SIMD3<Float>], frequencies: [Float]) {
        precondition(!frequencies.isEmpty, "Rotations of no pairs.")
        let perUnit = frequencies.map { Double($0) / 6.283185307179586 }
        self.init(rows: positions.count, pairs: frequencies.count) { row, axis, pair in
            let turns = Double(positions[row][axis]) * perUnit[pair]
            return (Float(cosine(turns: turns)), Float(sine(turns: turns)))
        }
    }

    /// base^(-pair / pairs) for each pair, equal on all machines.
    public static func frequencies(base: Double, pairs: Int) -> [Double] {
        precondition(base > 0 && pairs > 0, "Rotations of \(pairs) pairs by base \(base).")
        return (0..<pairs).map { pair in
            exponential(-logarithm(base) * Double(pair) / Double(pairs))
        }
    }

    private init(
        rows: Int, pairs: Int, _ rotation: (_ row: Int, _ axis: Int, _ pair: Int) -> (Float, Float)
    ) {
        var cosines = [Float](repeating: 0, count: 3 * pairs * rows)
        var sines = cosines
        for row in 0..<rows {
            for axis in 0..<3 {
                for pair in 0..<pairs {
                    let place = (row * 3 + axis) * pairs + pair
                    (cosines[place], sines[place]) = rotation(row, axis, pair)
                }
            }
        }
        self.pairs = pairs
        self.rows = rows
        self.cosines = cosines
        self.sines = sines
    }
}
