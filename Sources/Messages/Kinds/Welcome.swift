/// The coordinator's answer to a worker that it admits: all that the worker needs for the run.
package struct Welcome: Message {
    package static let kind: MessageKind = 2

    /// The worker's number in this run.
    package var workerID: UInt32
    /// The recipe, YAML.
    package var recipe: String
    /// The run's seed.
    package var seed: UInt64
    /// Silence after which a peer counts as lost.
    package var heartbeatTimeoutMilliseconds: UInt32
    /// The SHA-256 of the teacher's weights; nil if the recipe needs no teacher.
    package var teacherDigest: Digest?
    /// The digest of the list of scans that workers without the data receive; nil if the recipe's
    /// source generates its scans.
    package var dataDigest: Digest?
    /// The digest of the parameters' names, shapes and order.
    package var studentDigest: Digest
    /// Buckets that the parameters are divided into.
    package var bucketCount: UInt32

    package static let layout = Layout(
        Welcome.init(
            workerID:recipe:seed:heartbeatTimeoutMilliseconds:teacherDigest:dataDigest:
            studentDigest:bucketCount:),
        .value("worker id", \.workerID),
        .text("recipe", \.recipe, limit: Limits.recipeBytes, multiline: true),
        .value("seed", \.seed),
        .value("heartbeat timeout", \.heartbeatTimeoutMilliseconds),
        .optional("teacher digest", \.teacherDigest),
        .optional("data digest", \.dataDigest),
        .value("student digest", \.studentDigest),
        .value("bucket count", \.bucketCount)
    )
    .rejecting { $0.heartbeatTimeoutMilliseconds == 0 ? "has a heartbeat timeout of 0" : nil }
    .rejecting {
        (1...Limits.buckets).contains(Int($0.bucketCount))
            ? nil : "declares \($0.bucketCount) buckets"
    }

    /// A message with the given fields.
    package init(
        workerID: UInt32, recipe: String, seed: UInt64, heartbeatTimeoutMilliseconds: UInt32,
        teacherDigest: Digest?, dataDigest: Digest?, studentDigest: Digest, bucketCount: UInt32
    ) {
        self.workerID = workerID
        self.recipe = recipe
        self.seed = seed
        self.heartbeatTimeoutMilliseconds = heartbeatTimeoutMilliseconds
        self.teacherDigest = teacherDigest
        self.dataDigest = dataDigest
        self.studentDigest = studentDigest
        self.bucketCount = bucketCount
    }
}
