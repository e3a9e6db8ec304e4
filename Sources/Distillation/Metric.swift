/// A number an objective reports about itself, logged under its name: the share of points a mask
/// keeps, the effective rank of a projector.
package struct Metric: Sendable, Equatable {
    /// What it is, within the objective: `kept-weak`, `effective-rank`.
    package let name: String
    /// Its value.
    package let value: Double
    /// What a person should be told, in one sentence; said once a run.
    package let warning: String?

    /// A number under a name.
    package init(_ name: String, _ value: Double, warning: String? = nil) {
        self.name = name
        self.value = value
        self.warning = warning
    }
}
