/// Why a cloud, a grid or a view cannot be used: one sentence with what to do.
public struct PointCloudError: Error, CustomStringConvertible, Equatable {
    /// The sentence.
    public let description: String

    /// An error with its sentence.
    public init(_ description: String) { self.description = description }
}
