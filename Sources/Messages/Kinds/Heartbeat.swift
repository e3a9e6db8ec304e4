/// A worker is alive, and this is how far it has come.
///
/// It comes from a thread of its own; the progress count is the computing threads', so a wedged
/// computation shows.
public struct Heartbeat: MessageFields {
    /// Its number.
    public static let kind = MessageKind.heartbeat

    /// Grows whenever a computing thread gets on.
    public var progress: UInt64
    /// What it is busy with.
    public var phase: UInt8
    /// How many micro-shards it computes at once, or those behind it: workers come and go behind a
    /// relay.
    public var threads: UInt32
    /// How many workers it stands for: itself, or those behind a relay.
    public var workers: UInt32

    /// A message of the given fields.
    public init(progress: UInt64, phase: UInt8, threads: UInt32 = 1, workers: UInt32 = 1) {
        self.progress = progress
        self.phase = phase
        self.threads = threads
        self.workers = workers
    }

    /// Reads the fields in order.
    public init(from reader: inout ByteReader) throws(MessageError) {
        progress = try reader.read("progress")
        phase = try reader.read("phase")
        threads = try reader.read("threads")
        workers = try reader.read("workers")
        try reader.require(threads > 0 && workers > 0, "stands for no worker, or one of no threads")
    }

    /// Writes the fields in order.
    public func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.write(progress)
        try writer.write(phase)
        try writer.write(threads)
        try writer.write(workers)
    }
}
