/// Number that an objective reports, logged under the objective's name: the share of points that a mask
/// keeps, the effective rank of a projector.
package struct Metric: Sendable, Equatable {
    /// The name within the objective: `kept-weak`, `effective-rank`.
    package let name: String
    /// The value.
    package let value: Double
    /// A warning in one sentence, printed once per run.
    package let warning: String?

    /// A metric of the given name.
    package init(_ name: String, _ value: Double, warning: String? = nil) {
        self.name = name
        self.value = value
        self.warning = warning
    }
}
