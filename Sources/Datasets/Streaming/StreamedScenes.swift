package import PointClouds

/// A supply of packed clouds from the machine that has the data.
package protocol SceneSupply: Sendable {
    /// The bytes of a scene (see ``PackedCloud``); waits until they have arrived.
    func bytes(of scene: Int, in split: Split) throws -> [UInt8]
    /// Starts fetching scenes.
    ///
    /// `then` is called when ``bytes(of:in:)`` returns, or throws, without waiting for each of
    /// them.
    func prefetch(_ scenes: [Int], in split: Split, then: @escaping @Sendable () -> Void)
}

/// The scenes of a source on another machine, equal point for point.
package struct StreamedScenes: SceneSource {
    private let description: SourceDescription
    private let split: Split
    private let supply: any SceneSupply

    /// The scenes of a split, described by `description` and fetched by `supply`.
    package init(_ description: SourceDescription, split: Split, from supply: any SceneSupply) {
        self.description = description
        self.split = split
        self.supply = supply
    }

    /// The remote source's.
    package var name: String { description.name }
    /// The remote source's.
    package var classes: [String] { description.classes }
    /// The remote source's.
    package var channels: [ChannelSpecification] { description.channels }
    /// The remote source's.
    package var readingOptions: [String: Double] { description.readingOptions }
    /// The remote source's.
    package var count: Int { description.scenes.count }
    /// The remote source's.
    package func name(of index: Int) -> String { description.scenes[index].name }
    /// The remote source's.
    package func recording(of index: Int) -> String { description.scenes[index].recording }
    /// The remote source's.
    package func sampleID(of index: Int) -> UInt64 { description.scenes[index].sample }

    /// Reads a scene, after fetching it if necessary.
    package func scene(at index: Int) throws -> Cloud {
        try PackedCloud.cloud(
            from: supply.bytes(of: index, in: split), name: name(of: index))
    }

    /// Starts fetching scenes.
    package func prefetch(_ indices: [Int], then: @escaping @Sendable () -> Void) {
        supply.prefetch(indices, in: split, then: then)
    }
}
