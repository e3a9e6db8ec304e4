/// The coordinator's answer to a worker it takes: all that the worker needs to know of the run.
package struct Welcome: MessageFields {
    /// Its number.
    package static let kind = MessageKind.welcome

    /// The worker's number in this run.
    package var workerID: UInt32
    /// The recipe, YAML.
    package var recipe: String
    /// The run's seed.
    package var seed: UInt64
    /// Who stays silent for longer is given up.
    package var heartbeatTimeoutMilliseconds: UInt32
    /// The SHA-256 of the teacher's weights; nil if the recipe needs no teacher.
    package var teacherDigest: Digest?
    /// The digest of the list of scans that workers are sent where they do not have the data; nil if
    /// the recipe's source makes its scans.
    package var dataDigest: Digest?
    /// The digest of the parameters' names, shapes and order.
    package var studentDigest: Digest
    /// Micro-shards of a step.
    package var shardsPerStep: UInt32
    /// Buckets of the parameters.
    package var bucketCount: UInt32

    /// A message of the given fields.
    package init(
        workerID: UInt32, recipe: String, seed: UInt64, heartbeatTimeoutMilliseconds: UInt32,
        teacherDigest: Digest?, dataDigest: Digest?, studentDigest: Digest, shardsPerStep: UInt32,
        bucketCount: UInt32
    ) {
        self.workerID = workerID
        self.recipe = recipe
        self.seed = seed
        self.heartbeatTimeoutMilliseconds = heartbeatTimeoutMilliseconds
        self.teacherDigest = teacherDigest
        self.dataDigest = dataDigest
        self.studentDigest = studentDigest
        self.shardsPerStep = shardsPerStep
        self.bucketCount = bucketCount
    }

    /// Reads the fields in order.
    package init(from reader: inout ByteReader) throws(MessageError) {
        workerID = try reader.read("worker id")
        recipe = try reader.text("recipe", limit: Limits.recipeBytes, multiline: true)
        seed = try reader.read("seed")
        heartbeatTimeoutMilliseconds = try reader.read("heartbeat timeout")
        teacherDigest = try reader.flag("teacher digest") ? try reader.read("teacher digest") : nil
        dataDigest = try reader.flag("data digest") ? try reader.read("data digest") : nil
        studentDigest = try reader.read("student digest")
        shardsPerStep = try reader.read("shards per step")
        bucketCount = try reader.read("bucket count")
        try reader.require(heartbeatTimeoutMilliseconds > 0, "has a heartbeat timeout of 0")
        try reader.require(
            (1...Limits.shards).contains(Int(shardsPerStep)),
            "declares \(shardsPerStep) micro-shards a step")
        try reader.require(
            (1...Limits.buckets).contains(Int(bucketCount)),
            "declares \(bucketCount) buckets")
    }

    /// Writes the fields in order.
    package func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.write(workerID)
        try writer.text(recipe, "recipe", limit: Limits.recipeBytes, multiline: true)
        try writer.write(seed)
        try writer.write(heartbeatTimeoutMilliseconds)
        writer.flag(teacherDigest != nil)
        if let teacherDigest { try writer.write(teacherDigest) }
        writer.flag(dataDigest != nil)
        if let dataDigest { try writer.write(dataDigest) }
        try writer.write(studentDigest)
        try writer.write(shardsPerStep)
        try writer.write(bucketCount)
    }
}
