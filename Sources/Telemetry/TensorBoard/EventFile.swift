internal import FoundationEssentials
internal import Glibc

/// A TensorBoard event file: scalars, histograms and images over steps.
///
/// The format is TensorFlow's: records of a length, its checksum, an `Event` message and its
/// checksum. Each record is written by one system call. A file has one owner.
package final class EventFile {
    /// The value of an event.
    package enum Value: Sendable {
        /// A number.
        case scalar(Double)
        /// A distribution of numbers.
        case histogram(Histogram)
        /// An image as a PNG file.
        case picture(png: [UInt8], width: Int, height: Int)
    }

    /// The file's path.
    package let path: String
    private let descriptor: Int32

    /// Creates a file in a folder, which is created if necessary.
    ///
    /// - Parameters:
    ///   - time: the present in seconds since 1970, which is part of the file's name.
    ///   - step: the number of steps after which the run continues; TensorBoard then hides later
    ///     steps of the folder's other files.
    package init(in folder: String, at time: Double, resumingAfter step: Int = 0) throws(LogError) {
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw LogError(description: "The folder \(folder) cannot be created: \(error)")
        }
        // TensorBoard recognises event files by this name; the process id keeps two writers apart.
        path = "\(folder)/events.out.tfevents.\(Int(time)).denju.\(getpid())"
        descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw LogError.system(path, "cannot be opened", errno) }
        var version = ProtobufMessage()
        version.add(Field.wallTime, double: time)
        version.add(Field.fileVersion, text: "brain.Event:2")
        try write(version)
        if step > 0 {
            // A session start makes TensorBoard drop later steps of earlier files.
            var start = ProtobufMessage()
            start.add(1, integer: 1)
            var event = ProtobufMessage()
            event.add(Field.wallTime, double: time)
            event.add(Field.step, integer: Int64(step + 1))
            event.add(Field.sessionLog, message: start)
            try write(event)
        }
    }

    deinit { _ = close(descriptor) }

    /// Adds values of a step, under names with slashes between groups, such as
    /// `loss/relation.dense`.
    package func add(
        _ values: [(name: String, value: Value)], step: Int, at time: Double
    ) throws(LogError) {
        var summary = ProtobufMessage()
        for (name, value) in values {
            var entry = ProtobufMessage()
            entry.add(Field.tag, text: name)
            switch value {
            case .scalar(let number): entry.add(Field.scalar, float: Float(number))
            case .picture(let png, let width, let height):
                var picture = ProtobufMessage()
                picture.add(1, integer: Int64(height))
                picture.add(2, integer: Int64(width))
                // Three channels.
                picture.add(3, integer: 3)
                picture.add(4, bytes: png)
                entry.add(Field.picture, message: picture)
            case .histogram(let histogram):
                entry.add(Field.histogram, message: Self.message(of: histogram))
            }
            summary.add(1, message: entry)
        }
        var event = ProtobufMessage()
        event.add(Field.wallTime, double: time)
        event.add(Field.step, integer: Int64(step))
        event.add(Field.summary, message: summary)
        try write(event)
    }

    /// Numbers of the fields of `Event` and `Summary.Value` (tensorflow/core/util/event.proto and
    /// framework/summary.proto).
    private enum Field {
        static let (wallTime, step, fileVersion, summary, sessionLog):
            (
                UInt64, UInt64, UInt64, UInt64, UInt64
            ) = (1, 2, 3, 5, 7)
        static let (tag, scalar, picture, histogram): (UInt64, UInt64, UInt64, UInt64) = (
            1, 2, 4, 5
        )
    }

    private static func message(of histogram: Histogram) -> ProtobufMessage {
        var message = ProtobufMessage()
        message.add(1, double: histogram.low)
        message.add(2, double: histogram.high)
        message.add(3, double: Double(histogram.count))
        message.add(4, double: histogram.sum)
        message.add(5, double: histogram.squares)
        message.add(6, doubles: histogram.limits)
        message.add(7, doubles: histogram.counts.map { Double($0) })
        return message
    }

    private func write(_ message: ProtobufMessage) throws(LogError) {
        var length: [UInt8] = []
        length.append(littleEndian: UInt64(message.bytes.count))
        var record = length
        record.append(littleEndian: MaskedChecksum.of(length))
        record += message.bytes
        record.append(littleEndian: MaskedChecksum.of(message.bytes))
        try appendWhole(record, to: descriptor, at: path)
    }
}
