/// Every message of the protocol.
package enum MessageCatalogue {
    // Listed by hand: Swift cannot enumerate the types that conform to a protocol.
    /// The messages, by increasing number.
    package static let messages: [any Message.Type] = [
        Hello.self,
        Welcome.self,
        Refusal.self,
        AssetRequest.self,
        AssetPart.self,
        WeightsBucket.self,
        Lease.self,
        Contribution.self,
        Totals.self,
        PartialSum.self,
        NodeReport.self,
        Heartbeat.self,
        HeartbeatReply.self,
        Stop.self,
        Goodbye.self,
        EvaluationLease.self,
        EvaluationResult.self,
        StatusRequest.self,
        Status.self,
        SceneRequest.self,
        SceneOffer.self,
        WorkFailure.self,
    ]

    private static let byKind = Dictionary(uniqueKeysWithValues: messages.map { ($0.kind, $0) })

    /// The message with that number; nil if the protocol has none.
    package static func message(_ kind: MessageKind) -> (any Message.Type)? { byKind[kind] }

    /// Reads the fields of a message whose envelope has been read.
    ///
    /// The payloads themselves stay with the caller; their sizes must be those that the fields
    /// declare. Throws ``MessageError`` for anything but the exact bytes that a writer produces.
    package static func decode(
        kind: MessageKind, body: [UInt8], payloadSizes: [Int]
    ) throws(MessageError) -> any Message {
        guard let message = message(kind) else { throw .unknown(kind) }
        return try message.init(body: body, payloadSizes: payloadSizes)
    }

    /// Reads a whole message: its envelope and its fields, and checks its payloads' sizes.
    package static func decode(
        envelope: [UInt8], body: [UInt8], payloadSizes: [Int]
    ) throws(MessageError) -> (envelope: Envelope, message: any Message) {
        let envelope = try Envelope(bytes: envelope)
        let message = try decode(kind: envelope.kind, body: body, payloadSizes: payloadSizes)
        return (envelope, message)
    }
}
