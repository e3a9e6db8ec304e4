/// A space-filling curve through the cells of a cubic grid: the order of a cloud's points in
/// attention and pooling.
///
/// A cell's code has three bits for each of the `depth` levels of the grid, the coarsest first, so
/// `code >> 3` is the code of the cell's parent in the grid of half the resolution. The codes agree
/// with those of the public Point Transformer V3 (`z`, `z-trans`, `hilbert`, `hilbert-trans`).
public enum CurveOrder: String, Sendable, Hashable, CaseIterable, Codable {
    /// Morton's curve: bits 3i + 2, 3i + 1 and 3i are bit i of x, y and z.
    case z
    /// Morton's curve with x and y exchanged.
    case zTransposed = "z-trans"
    /// Hilbert's curve (John Skilling, "Programming the Hilbert curve", AIP Conf. Proc. 707, 2004):
    /// successive cells always touch.
    case hilbert
    /// Hilbert's curve with x and y exchanged.
    case hilbertTransposed = "hilbert-trans"

    /// The maximum number of levels: 2^20 cells a side, codes of 60 bits.
    public static let greatestDepth = 20

    private var isHilbert: Bool { self == .hilbert || self == .hilbertTransposed }
    private var isTransposed: Bool { self == .zTransposed || self == .hilbertTransposed }

    /// The codes of cells with coordinates in `0 ..< 2^depth`.
    ///
    /// - Parameter cloud: the place of the cloud in its batch, written before the code's `3 * depth`
    ///   bits as in the public implementation, so that sorted codes of several clouds stay separate.
    public func codes(of cells: [SIMD3<Int32>], depth: Int, cloud: Int = 0) -> [UInt64] {
        precondition(
            (0...Self.greatestDepth).contains(depth) && cloud >= 0,
            "A curve has 0 ... \(Self.greatestDepth) levels, not \(depth).")
        var codes = curveCodes(cells, depth: depth, hilbert: isHilbert, transposed: isTransposed)
        let prefix = UInt64(cloud) << UInt64(3 * depth)
        if prefix != 0 { for index in codes.indices { codes[index] |= prefix } }
        return codes
    }

    /// The cell of a code without a cloud: the inverse of ``codes(of:depth:cloud:)``.
    public func cell(of code: UInt64, depth: Int) -> SIMD3<Int32> {
        let bits = isHilbert ? code ^ (code >> 1) : code  // Hilbert: the Gray code of the number
        var cell = SIMD3<UInt32>()
        for level in 0..<depth {
            for axis in 0..<3 {
                let bit = UInt32(truncatingIfNeeded: bits >> UInt64(3 * level + 2 - axis)) & 1
                cell[axis] |= bit << UInt32(level)
            }
        }
        if isHilbert {
            // Skilling's exchanges undone: finest level first, last axis first.
            for bit in 1..<max(depth, 1) {
                let low = (UInt32(1) << UInt32(bit)) - 1
                for axis in [2, 1, 0] {
                    if cell[axis] >> UInt32(bit) & 1 == 1 {
                        cell[0] ^= low
                    } else {
                        let exchanged = (cell[0] ^ cell[axis]) & low
                        cell[0] ^= exchanged
                        cell[axis] ^= exchanged
                    }
                }
            }
        }
        if isTransposed { cell = SIMD3(cell.y, cell.x, cell.z) }
        return SIMD3(truncatingIfNeeded: cell)
    }
}

extension CurveOrder: CustomStringConvertible {
    /// The name of the public implementation: `z-trans`.
    public var description: String { rawValue }
}
