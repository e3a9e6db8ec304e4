/// The largest sizes and counts that a message may declare.
///
/// Far above what a run needs, and low enough that a peer which lies costs a refusal and no memory.
public enum Limits {
    /// A name, host or version, bytes of UTF-8.
    public static let nameBytes = 256
    /// A reason, bytes of UTF-8.
    public static let sentenceBytes = 4096
    /// A recipe, bytes of UTF-8.
    public static let recipeBytes = 1 << 20
    /// A status document, bytes of UTF-8.
    public static let statusBytes = 4 << 20
    /// The body frame: all fields of a message.
    public static let bodyBytes = 16 << 20
    /// One payload frame.
    ///
    /// A socket's largest frame must be a little more than this.
    public static let payloadBytes = 64 << 20
    /// Payload frames of one message.
    public static let payloads = 4096
    /// Buckets of the parameters.
    public static let buckets = 1 << 16
    /// Levels of the reduction tree.
    public static let levels: UInt8 = 32
    /// Tree nodes of one lease.
    public static let nodes = 1 << 12
    /// Micro-shards of one step.
    public static let shards = 1 << 16
    /// Samples of one lease, and of one micro-shard.
    public static let samples = 1 << 18
    /// Terms of an objective.
    public static let terms = 256
    /// Numbers of a term or a report.
    public static let numbers = 1 << 16
    /// Phases of a report.
    public static let phases = 64
    /// Classes of a confusion matrix.
    public static let classes: UInt32 = 2048
}
