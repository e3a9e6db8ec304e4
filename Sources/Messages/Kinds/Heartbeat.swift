/// A worker is alive, and this is how far it has come.
///
/// It comes from a thread of its own; the progress count is the computing threads', so a wedged
/// computation shows.
package struct Heartbeat: MessageFields {
    /// Its number.
    package static let kind = MessageKind.heartbeat

    /// Grows whenever a computing thread gets on.
    package var progress: UInt64
    /// What it is busy with.
    package var phase: UInt8
    /// How many micro-shards it computes at once, or those behind it: workers come and go behind a
    /// relay.
    package var threads: UInt32
    /// How many workers it stands for: itself, or those behind a relay.
    package var workers: UInt32

    /// A message of the given fields.
    package init(progress: UInt64, phase: UInt8, threads: UInt32 = 1, workers: UInt32 = 1) {
        self.progress = progress
        self.phase = phase
        self.threads = threads
        self.workers = workers
    }

    /// Reads the fields in order.
    package init(from reader: inout ByteReader) throws(MessageError) {
        progress = try reader.read("progress")
        phase = try reader.read("phase")
        threads = try reader.read("threads")
        workers = try reader.read("workers")
        try reader.require(threads > 0 && workers > 0, "stands for no worker, or one of no threads")
    }

    /// Writes the fields in order.
    package func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.write(progress)
        try writer.write(phase)
        try writer.write(threads)
        try writer.write(workers)
    }
}
