/// A number an objective reports about itself, logged under its name: the share of points a mask
/// keeps, the effective rank of a projector.
public struct Metric: Sendable, Equatable {
    /// What it is, within the objective: `kept-weak`, `effective-rank`.
    public let name: String
    /// Its value.
    public let value: Double
    /// What a person should be told, in one sentence; said once a run.
    public let warning: String?

    /// A number under a name.
    public init(_ name: String, _ value: Double, warning: String? = nil) {
        self.name = name
        self.value = value
        self.warning = warning
    }
}
