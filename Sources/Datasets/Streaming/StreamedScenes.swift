package import PointClouds

/// Brings packed clouds from where the data lie.
package protocol SceneSupply: Sendable {
    /// The bytes of a scene (see ``PackedCloud``); waits for them.
    func bytes(of scene: Int, in split: Split) throws -> [UInt8]
    /// Starts to fetch scenes; `then` is called once ``bytes(of:in:)`` need not wait for any of them,
    /// or will throw the reason why one cannot be had.
    func prefetch(_ scenes: [Int], in split: Split, then: @escaping @Sendable () -> Void)
}

/// The scenes of a source that lies on another machine: point for point the same.
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

    /// The distant source's.
    package var name: String { description.name }
    /// The distant source's.
    package var classes: [String] { description.classes }
    /// The distant source's.
    package var channels: [ChannelSpecification] { description.channels }
    /// The distant source's.
    package var readingOptions: [String: Double] { description.readingOptions }
    /// The distant source's.
    package var count: Int { description.scenes.count }
    /// The distant source's.
    package func name(of index: Int) -> String { description.scenes[index].name }
    /// The distant source's.
    package func recording(of index: Int) -> String { description.scenes[index].recording }
    /// The distant source's.
    package func sampleID(of index: Int) -> UInt64 { description.scenes[index].sample }

    /// Reads a scene, which is fetched first unless it was prefetched.
    package func scene(at index: Int) throws -> Cloud {
        try PackedCloud.cloud(
            from: supply.bytes(of: index, in: split), name: name(of: index))
    }

    /// Starts to fetch scenes.
    package func prefetch(_ indices: [Int], then: @escaping @Sendable () -> Void) {
        supply.prefetch(indices, in: split, then: then)
    }
}
