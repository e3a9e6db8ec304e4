package import Messages
package import Tensors
package import ZeroMQ

/// Message with its payloads, as frames carry it.
package struct WireMessage {
    package let message: any Message
    package let payloads: [Frame]

    package init(_ message: any Message, payloads: [Frame] = []) {
        self.message = message
        self.payloads = payloads
    }

    /// A message whose payloads are tensors' values.
    ///
    /// Their bytes are not copied.
    package init(_ message: any Message, tensors: [Tensor]) {
        self.init(message, payloads: tensors.map(\.frame))
    }

    /// The frames of the message.
    package func frames(run: RunID, epoch: UInt64) throws(MessageError) -> [Frame] {
        let (envelope, body) = try message.encode(
            run: run, epoch: epoch, payloadSizes: payloads.map(\.count))
        return [Frame(envelope), Frame(body)] + payloads
    }

    /// The envelope of a message's frames; it decides whether the rest is read.
    package static func envelope(of frames: ArraySlice<Frame>) throws(MessageError) -> Envelope {
        guard let first = frames.first else {
            throw MessageError(.payloads, "The message has no envelope.")
        }
        return try Envelope(bytes: first.bytes)
    }

    /// The message behind an envelope.
    package init(_ envelope: Envelope, _ frames: ArraySlice<Frame>) throws(MessageError) {
        let rest = frames.dropFirst()
        guard let body = rest.first, body.count <= Limits.bodyBytes else {
            throw MessageError(.payloads, "The message has no body, or one that is too long.")
        }
        payloads = Array(rest.dropFirst())
        message = try MessageCatalogue.decode(
            kind: envelope.kind, body: body.bytes, payloadSizes: payloads.map(\.count))
    }
}

extension Frame: LastingBytes {}

extension Storage: FrameSource {
    /// The values' bytes, in this machine's order, which is little-endian.
    package func withFrameBytes(_ body: (RawSpan) -> Void) {
        Tensor(flat: self).withBytes(body)
    }
}

extension Tensor {
    /// The values as a payload, without a copy.
    var frame: Frame { Frame(storage) }

    // libzmq may receive small frames in one buffer with others: a tensor that referred to one would
    // keep them all.
    private static let copied = 1 << 14

    /// The tensor of a payload's values; nil if their number differs.
    ///
    /// Large payloads are not copied.
    init?(rows: Int, columns: Int, frame: Frame) {
        guard frame.count == 4 * rows * columns else { return nil }
        if frame.count >= Self.copied,
            let tensor = Tensor(rows: rows, columns: columns, readingIn: frame)
        {
            self = tensor
            return
        }
        self = frame.withBytes { Tensor(rows: rows, columns: columns, littleEndianBytes: $0) }
    }

    /// The tensor of a payload's values in one row.
    init(flat frame: Frame) { self.init(rows: 1, columns: frame.count / 4, frame: frame)! }
}
