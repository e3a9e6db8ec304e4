/// The result of a validation: a line of the run's log of validations.
package struct ValidationRecord: LogRecord, Equatable {
    /// The version of the layout.
    package var schema = ValidationRecord.currentSchema
    /// The number of completed steps.
    package var step: Int
    /// The end of the validation, in seconds since 1970.
    package var time: Double
    /// The mean intersection over union of the classes that have points and are not excluded.
    package var meanIoU: Double
    /// The mean accuracy of the same classes.
    package var meanAccuracy: Double
    /// The share of correctly labelled points.
    package var overallAccuracy: Double
    /// The names of the classes.
    package var classes: [String]
    /// Points by true class (row) and label (column), row by row.
    package var confusion: [UInt64]
    /// Whether no earlier validation has a higher ``meanIoU``.
    package var isBest: Bool
    /// Seconds since the step before the validation; nil in files of older versions.
    ///
    /// Together with the seconds of the steps they make up the run's time.
    package var seconds: Double?
    /// The number of scans; nil in files of older versions.
    ///
    /// The last validation may have more than the others, on whose scans ``isBest`` is decided.
    package var scans: Int?

    /// The layout written by this version.
    package static let currentSchema = 1

    /// A record of a validation.
    package init(
        step: Int, time: Double, meanIoU: Double, meanAccuracy: Double, overallAccuracy: Double,
        classes: [String], confusion: [UInt64], isBest: Bool, seconds: Double? = nil,
        scans: Int? = nil
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
        self.scans = scans
    }
}
