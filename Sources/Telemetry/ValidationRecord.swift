/// How the student did on validation scans: a line of the run's log of validations.
package struct ValidationRecord: LogRecord, Equatable {
    /// The version of this layout.
    package var schema = ValidationRecord.currentSchema
    /// Steps done when it was measured.
    package var step: Int
    /// When it ended, in seconds since 1970.
    package var time: Double
    /// Mean intersection over union, over the classes that have points and are not excluded.
    package var meanIoU: Double
    /// Mean accuracy over the same classes.
    package var meanAccuracy: Double
    /// The share of all points that were labelled right.
    package var overallAccuracy: Double
    /// Names of the classes.
    package var classes: [String]
    /// Points by true class (row) and label (column), row by row.
    package var confusion: [UInt64]
    /// Whether no earlier one was better by ``meanIoU``.
    package var isBest: Bool
    /// Seconds since the step before it: with those of the steps they are the run's time; nil in
    /// files of older versions.
    package var seconds: Double?

    /// The layout written by this version.
    package static let currentSchema = 1

    /// A record of a validation.
    package init(
        step: Int, time: Double, meanIoU: Double, meanAccuracy: Double, overallAccuracy: Double,
        classes: [String], confusion: [UInt64], isBest: Bool, seconds: Double? = nil
    ) {
        self.step = step
        self.time = time
        self.meanIoU = meanIoU
        self.meanAccuracy = meanAccuracy
        self.overallAccuracy = overallAccuracy
        self.classes = classes
        self.confusion = confusion
        self.isBest = isBest
        self.seconds = seconds
    }
}
