/// An unusable cloud, grid or view, as one sentence with the remedy.
public struct PointCloudError: Error, CustomStringConvertible, Equatable {
    /// The sentence.
    public let description: String

    /// An error with its sentence.
    public init(_ description: String) { self.description = description }
}
