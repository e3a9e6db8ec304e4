/// How the student did on validation scans: a line of the run's log of validations.
public struct ValidationRecord: LogRecord, Equatable {
    /// The version of this layout.
    public var schema = ValidationRecord.currentSchema
    /// Steps done when it was measured.
    public var step: Int
    /// When it ended, in seconds since 1970.
    public var time: Double
    /// Mean intersection over union, over the classes that have points and are not excluded.
    public var meanIoU: Double
    /// Mean accuracy over the same classes.
    public var meanAccuracy: Double
    /// The share of all points that were labelled right.
    public var overallAccuracy: Double
    /// Names of the classes.
    public var classes: [String]
    /// Points by true class (row) and label (column), row by row.
    public var confusion: [UInt64]
    /// Whether no earlier one was better by ``meanIoU``.
    public var isBest: Bool
    /// Seconds since the step before it: with those of the steps they are the run's time; nil in
    /// files of older versions.
    public var seconds: Double?

    /// The layout written by this version.
    public static let currentSchema = 1

    /// A record of a validation.
    public init(
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
