package import Training

/// The result of a validation.
package struct ValidationSummary: Sendable {
    /// The number of completed steps.
    package let step: Int
    /// The confusion of the scans of every validation.
    package let usual: ConfusionMatrix
    /// The number of these scans.
    package let usualScans: Int
    /// The confusion of all scans; that of the usual ones unless the last validation has more.
    package let whole: ConfusionMatrix
    /// The number of all scans.
    package let scans: Int
    /// Whether no earlier validation has a higher mean on the usual scans.
    package let isBest: Bool
    /// Seconds since the step before the validation.
    package let seconds: Double

    /// A result on the usual scans and, after the last step, on further ones.
    init(
        step: Int, usual: ConfusionMatrix, usualScans: Int, further: ConfusionMatrix?,
        furtherScans: Int, isBest: Bool, seconds: Double
    ) {
        self.step = step
        self.usual = usual
        self.usualScans = usualScans
        whole = further.map { usual + $0 } ?? usual
        scans = usualScans + (further == nil ? 0 : furtherScans)
        self.isBest = isBest
        self.seconds = seconds
    }
}
