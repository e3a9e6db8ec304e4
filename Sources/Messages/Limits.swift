/// The largest sizes and counts that a message may declare.
///
/// Far above what a run needs, and low enough that a lying peer costs a refusal and no memory.
package enum Limits {
    /// A name, host or version, bytes of UTF-8.
    package static let nameBytes = 256
    /// A reason, bytes of UTF-8.
    package static let sentenceBytes = 4096
    /// A recipe, bytes of UTF-8.
    package static let recipeBytes = 1 << 20
    /// A status document, bytes of UTF-8.
    package static let statusBytes = 4 << 20
    /// The body frame: all fields of a message.
    package static let bodyBytes = 16 << 20
    /// One payload frame.
    ///
    /// A socket's largest frame must be a little more than this.
    package static let payloadBytes = 64 << 20
    /// Payload frames of one message.
    package static let payloads = 4096
    /// Buckets of the parameters.
    package static let buckets = 1 << 16
    /// Levels of the reduction tree.
    package static let levels: UInt8 = 32
    /// Tree nodes of one lease.
    package static let nodes = 1 << 12
    /// Micro-shards of one step.
    package static let shards = 1 << 16
    /// Samples of one lease, and of one micro-shard.
    package static let samples = 1 << 18
    /// Terms of an objective.
    package static let terms = 256
    /// Numbers of a term or a report.
    package static let numbers = 1 << 16
    /// Phases of a report.
    package static let phases = 64
    /// Classes of a confusion matrix.
    package static let classes: UInt32 = 2048
}
