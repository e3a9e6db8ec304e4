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

/// Throws a sentence unless a condition of a configuration holds.
func require(_ holds: Bool, _ sentence: @autoclosure () -> String) throws(NetworkError) {
    if !holds { throw NetworkError(sentence()) }
}

/// Throws one sentence for an impossible setting that several networks have.
func checkSharedSettings(
    of configuration: some NetworkConfiguration, curves: Int, mlpRatio: Double, dropPath: Double
) throws(NetworkError) {
    let (inputs, classes) = (configuration.inputChannels, configuration.classes)
    try require(inputs > 0, "in_channels is \(inputs); it must be at least 1.")
    try require(classes > 0, "num_classes is \(classes); it must be at least 1.")
    try require(curves > 0, "order is empty; name at least one curve, such as z.")
    try require(mlpRatio > 0, "mlp_ratio is \(mlpRatio); it must be above 0.")
    try requireAtMost(LargestSettings.ends, inputs, "in_channels")
    try requireAtMost(LargestSettings.ends, classes, "num_classes")
    try requireAtMost(LargestSettings.mlpRatio, mlpRatio, "mlp_ratio")
    try require(
        dropPath >= 0 && dropPath < 1,
        "drop_path is \(dropPath); it must be at least 0 and below 1.")
}

/// Throws one sentence unless the channels of a stage give each head rotated pairs on three axes.
func checkRotation(
    of channels: Int, heads: Int, stage: String, part: String
) throws(NetworkError) {
    // The product 6 x heads could overflow.
    try require(
        channels % heads == 0 && channels / heads % 6 == 0,
        "The \(channels) channels of stage \(stage) do not give each of its \(heads) heads a multiple "
            + "of 6, which rotary positions need; change \(part)_channels or \(part)_num_head.")
}

/// Throws one sentence unless a base of rotations is within its bounds.
func checkRotaryBase(_ base: Double, _ name: String) throws(NetworkError) {
    try require(base >= 1, "\(name) is \(base); it must be at least 1.")
    try requireAtMost(LargestSettings.rotaryBase, base, name)
}
