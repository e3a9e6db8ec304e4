/// The settings of a network, as recipes and checkpoints hold them.
///
/// Its `Codable` conformance covers the network's own settings. The two that follow from the data
/// are read, checked, filled in and written by ``NetworkRecipe`` under the same keys for every
/// network, so that the coding keys may omit them.
public protocol NetworkConfiguration: Codable, Sendable, Hashable {
    /// Features of a point that the network reads.
    var inputChannels: Int { get set }
    /// Class scores of a point that the network computes.
    var classes: Int { get set }
    /// The names of the network's presets, which no other network has.
    static var presetNames: [String] { get }
}

extension NetworkConfiguration {
    /// None.
    public static var presetNames: [String] { [] }
}

/// A network that is made from a configuration in a recipe or a checkpoint.
public protocol ConfiguredNetwork: Network {
    /// The settings of the network.
    associatedtype Configuration: NetworkConfiguration
    /// The settings that the network was made from.
    var configuration: Configuration { get }
    /// A network of this configuration; throws one sentence if there can be none.
    init(_ configuration: Configuration) throws(NetworkError)
}

extension ConfiguredNetwork {
    /// Features of a point that the network reads.
    public var inputChannels: Int { configuration.inputChannels }

    /// Class scores of a point that the network computes.
    public var classes: Int { configuration.classes }
}
