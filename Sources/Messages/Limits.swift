/// The largest sizes and counts that a message may declare.
///
/// The limits are far above the needs of a run, and low enough that a forged message costs no
/// memory.
package enum Limits {
    /// Bytes of a name, host or version in UTF-8.
    package static let nameBytes = 256
    /// Bytes of a reason in UTF-8.
    package static let sentenceBytes = 4096
    /// Bytes of a recipe in UTF-8.
    package static let recipeBytes = 1 << 20
    /// Bytes of a status document in UTF-8.
    package static let statusBytes = 4 << 20
    /// Bytes of a body frame: all fields of a message.
    package static let bodyBytes = 16 << 20
    /// Bytes of a payload frame.
    ///
    /// The largest frame of a socket must be slightly larger.
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
