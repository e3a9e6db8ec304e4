/// How many levels the curves of a cloud have.
///
/// Hilbert's curve turns with every level, so depth changes the order of the points. It must match
/// the one a network was trained with only where the very same patches are wanted.
public struct DepthRule: Sendable, Hashable, Codable {
    /// What is measured in bits.
    public enum Measure: String, Sendable, Hashable, Codable {
        /// The largest coordinate, as in the standalone Point Transformer V3.
        case largestCoordinate
        /// The largest coordinate + 1 (cells a side), as in Pointcept's main repository; it differs
        /// when the largest coordinate is 2^k - 1.
        case cellsPerSide
    }

    /// Whose largest coordinate.
    public enum Scope: String, Sendable, Hashable, Codable {
        /// Each cloud's own: no cloud depends on those beside it.
        case eachCloud
        /// That of all clouds together, as the public implementations take it.
        case wholeBatch
    }

    /// What is measured in bits.
    public var measure: Measure
    /// Whose largest coordinate.
    public var scope: Scope

    /// A rule; by default the standalone repository's, for each cloud alone.
    public init(measure: Measure = .largestCoordinate, scope: Scope = .eachCloud) {
        self.measure = measure
        self.scope = scope
    }

    /// Levels for a grid whose largest coordinate is given.
    func depth(largest: Int32) -> Int {
        Int32.bitWidth - (measure == .cellsPerSide ? largest + 1 : largest).leadingZeroBitCount
    }

    /// Levels for each cloud, from the largest coordinates.
    func depths(largest: [Int32]) -> [Int] {
        switch scope {
        case .eachCloud: largest.map(depth(largest:))
        case .wholeBatch:
            [Int](repeating: depth(largest: largest.max() ?? 0), count: largest.count)
        }
    }
}
