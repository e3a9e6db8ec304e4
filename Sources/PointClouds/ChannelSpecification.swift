/// A channel that every scene of a source has, without its values.
package struct ChannelSpecification: Sendable, Equatable, Codable {
    /// The name, as in ``Cloud/Channel/name``.
    package var name: String
    /// Values a point.
    package var width: Int

    /// A channel of this name and width.
    package init(_ name: String, width: Int = 1) {
        self.name = name
        self.width = width
    }
}
