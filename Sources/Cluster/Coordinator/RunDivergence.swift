/// End of a run whose training has diverged.
package struct RunDivergence: Error, CustomStringConvertible {
    /// The number that is not finite, the checkpoint before it, and what to do.
    package let description: String

    /// An end for a reason.
    ///
    /// - Parameter lastCheckpoint: the path of the newest checkpoint; nil if there is none.
    init(_ reason: String, lastCheckpoint: String?) {
        let rest =
            lastCheckpoint.map { "the checkpoint \($0) is from before: go on from it" }
            ?? "no step was completed: begin again"
        description =
            reason + "; \(rest) with a lower optimiser.rate or with optimiser.clip, or look for "
            + "damaged scans."
    }
}
