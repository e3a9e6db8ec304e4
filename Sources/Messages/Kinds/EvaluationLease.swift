/// Validation samples for a worker to evaluate with the student.
package struct EvaluationLease: Message {
    package static let kind: MessageKind = 16

    /// The version of the weights to evaluate.
    package var weightsVersion: UInt64
    /// The samples' numbers in the data set.
    package var samples: [UInt64]

    package static let layout = Layout(
        EvaluationLease.init(weightsVersion:samples:),
        .value("weights version", \.weightsVersion),
        .list("samples", \.samples, limit: Limits.samples))

    /// A message with the given fields.
    package init(weightsVersion: UInt64, samples: [UInt64]) {
        self.weightsVersion = weightsVersion
        self.samples = samples
    }
}
