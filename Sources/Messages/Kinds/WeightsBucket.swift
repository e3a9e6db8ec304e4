/// A bucket of the student's parameters; the payload is its Float32 values.
package struct WeightsBucket: Message {
    package static let kind: MessageKind = 6

    /// The version of the weights: the number of steps that led to them.
    package var version: UInt64
    /// The bucket's number.
    package var bucket: UInt32
    /// Buckets that the parameters are divided into.
    package var bucketCount: UInt32

    /// The values.
    package var payloads: PayloadRule { .floats }

    package static let layout = Layout(
        WeightsBucket.init(version:bucket:bucketCount:),
        .value("version", \.version),
        .value("bucket", \.bucket),
        .value("bucket count", \.bucketCount)
    )
    .rejecting {
        $0.bucketCount <= Limits.buckets && $0.bucket < $0.bucketCount
            ? nil : "names bucket \($0.bucket) of \($0.bucketCount)"
    }

    /// A message with the given fields.
    package init(version: UInt64, bucket: UInt32, bucketCount: UInt32) {
        self.version = version
        self.bucket = bucket
        self.bucketCount = bucketCount
    }
}
