package import Messages
package import Tensors
package import ZeroMQ

/// A message with its payloads, on its way to or from the wire.
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

    /// The frames that go over the wire.
    package func frames(run: RunID, epoch: UInt64) throws(MessageError) -> [Frame] {
        let (envelope, body) = try message.encode(
            run: run, epoch: epoch, payloadSizes: payloads.map(\.count))
        return [Frame(envelope), Frame(body)] + payloads
    }

    /// What came over the wire: the envelope first, for it decides whether the rest is read.
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
    /// The values' bytes, little-endian as this machine is.
    package func withFrameBytes(_ body: (RawSpan) -> Void) {
        Tensor(flat: self).withBytes(body)
    }
}

extension Tensor {
    /// The values as a payload, without a copy.
    var frame: Frame { Frame(storage) }

    /// A payload of fewer bytes is copied: it may be part of a buffer that holds many.
    private static let copied = 1 << 14

    /// The tensor of a payload's values; nil if it does not hold so many.
    ///
    /// Many are read where they came in.
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

    /// The flat run of a payload's values.
    init(flat frame: Frame) { self.init(rows: 1, columns: frame.count / 4, frame: frame)! }
}
