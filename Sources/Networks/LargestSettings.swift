/// The largest values that settings of a network may have.
///
/// They are far above any published network's, and keep products of settings (parameters, operations,
/// places on a grid) within the range of integers.
enum LargestSettings {
    static let channels = 16_384
    /// Features of a point, and classes.
    static let ends = 65_536
    static let depth = 256
    static let patchSize = 1 << 20
    // A cell's coordinate has 16 bits.
    static let stride = 1 << 16
    static let mlpRatio = 64.0
    static let rotaryBase = 1e9
}

/// Throws one sentence if the value of a setting is above a limit, or is not a number.
func requireAtMost<Value: Comparable>(
    _ limit: Value, _ value: Value, _ name: String
) throws(NetworkError) {
    guard value <= limit else {
        throw NetworkError("\(name) is \(value); it must be at most \(limit).")
    }
}
