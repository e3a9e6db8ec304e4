/// The rule for the number of levels of a cloud's curves.
///
/// Hilbert's curve turns with every level, so that the depth changes the order of the points. It must
/// match the training of a network only if exactly the same patches are required.
public struct DepthRule: Sendable, Hashable, Codable {
    /// The quantity whose bits are counted.
    public enum Measure: String, Sendable, Hashable, Codable {
        /// The largest coordinate, as in the standalone Point Transformer V3.
        case largestCoordinate
        /// The largest coordinate + 1 (cells a side), as in Pointcept's main repository; it differs
        /// when the largest coordinate is 2^k - 1.
        case cellsPerSide
    }

    /// The clouds whose largest coordinate counts.
    public enum Scope: String, Sendable, Hashable, Codable {
        /// Each cloud alone, so that no cloud depends on the others.
        case eachCloud
        /// All clouds together, as in the public implementations.
        case wholeBatch
    }

    /// The quantity whose bits are counted.
    public var measure: Measure
    /// The clouds whose largest coordinate counts.
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
