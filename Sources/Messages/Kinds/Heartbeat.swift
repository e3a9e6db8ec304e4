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
    /// The training step it works on.
    public var step: UInt64

    /// A message of the given fields.
    public init(progress: UInt64, phase: UInt8, step: UInt64) {
        self.progress = progress
        self.phase = phase
        self.step = step
    }

    /// Reads the fields in order.
    public init(from reader: inout ByteReader) throws(MessageError) {
        progress = try reader.read("progress")
        phase = try reader.read("phase")
        step = try reader.read("step")
    }

    /// Writes the fields in order.
    public func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.write(progress)
        try writer.write(phase)
        try writer.write(step)
    }
}
