/// The student's result on one validation sample.
///
/// The payload is its confusion matrix: UInt64 counts, row by row, with a row per true class and a
/// column per predicted class.
package struct EvaluationResult: Message {
    package static let kind: MessageKind = 17

    /// The version of the weights that were evaluated.
    package var weightsVersion: UInt64
    /// The sample's number in the data set.
    package var sample: UInt64
    /// Rows, and columns, of the matrix.
    package var classes: UInt32

    /// The matrix.
    package var payloads: PayloadRule { .exact([8 * Int(classes) * Int(classes)]) }

    package static let layout = Layout(
        EvaluationResult.init(weightsVersion:sample:classes:),
        .value("weights version", \.weightsVersion),
        .value("sample", \.sample),
        .value("classes", \.classes)
    )
    .rejecting {
        (1...Limits.classes).contains($0.classes) ? nil : "declares \($0.classes) classes"
    }

    /// A message with the given fields.
    package init(weightsVersion: UInt64, sample: UInt64, classes: UInt32) {
        self.weightsVersion = weightsVersion
        self.sample = sample
        self.classes = classes
    }
}
