/// What coordinator and workers say to each other: any message.
package enum Message: Sendable, Equatable {
    case hello(Hello)
    case welcome(Welcome)
    case refusal(Refusal)
    case assetRequest(AssetRequest)
    case assetPart(AssetPart)
    case weightsBucket(WeightsBucket)
    case lease(Lease)
    case contribution(Contribution)
    case totals(Totals)
    case partialSum(PartialSum)
    case nodeReport(NodeReport)
    case heartbeat(Heartbeat)
    case heartbeatReply(HeartbeatReply)
    case stop(Stop)
    case goodbye(Goodbye)
    case evaluationLease(EvaluationLease)
    case evaluationResult(EvaluationResult)
    case statusRequest(StatusRequest)
    case status(Status)
    case cancelLease(CancelLease)
    case sceneRequest(SceneRequest)
    case sceneOffer(SceneOffer)

    /// The message itself, whatever its kind.
    package var fields: any MessageFields {
        switch self {
        case .hello(let fields): fields
        case .welcome(let fields): fields
        case .refusal(let fields): fields
        case .assetRequest(let fields): fields
        case .assetPart(let fields): fields
        case .weightsBucket(let fields): fields
        case .lease(let fields): fields
        case .contribution(let fields): fields
        case .totals(let fields): fields
        case .partialSum(let fields): fields
        case .nodeReport(let fields): fields
        case .heartbeat(let fields): fields
        case .heartbeatReply(let fields): fields
        case .stop(let fields): fields
        case .goodbye(let fields): fields
        case .evaluationLease(let fields): fields
        case .evaluationResult(let fields): fields
        case .statusRequest(let fields): fields
        case .status(let fields): fields
        case .cancelLease(let fields): fields
        case .sceneRequest(let fields): fields
        case .sceneOffer(let fields): fields
        }
    }

    /// Its number on the wire.
    package var kind: MessageKind { type(of: fields).kind }

    /// Reads the fields of a message whose envelope was found in order.
    ///
    /// The payloads themselves stay with the caller; their sizes must be those that the fields
    /// declare. Throws ``MessageError`` for anything but the exact bytes a writer produces.
    package init(
        kind: MessageKind, body: [UInt8], payloadSizes: [Int]
    ) throws(MessageError) {
        switch kind {
        case .hello:
            self = .hello(try Hello(body: body, payloadSizes: payloadSizes))
        case .welcome:
            self = .welcome(try Welcome(body: body, payloadSizes: payloadSizes))
        case .refusal:
            self = .refusal(try Refusal(body: body, payloadSizes: payloadSizes))
        case .assetRequest:
            self = .assetRequest(try AssetRequest(body: body, payloadSizes: payloadSizes))
        case .assetPart:
            self = .assetPart(try AssetPart(body: body, payloadSizes: payloadSizes))
        case .weightsBucket:
            self = .weightsBucket(try WeightsBucket(body: body, payloadSizes: payloadSizes))
        case .lease:
            self = .lease(try Lease(body: body, payloadSizes: payloadSizes))
        case .contribution:
            self = .contribution(try Contribution(body: body, payloadSizes: payloadSizes))
        case .totals:
            self = .totals(try Totals(body: body, payloadSizes: payloadSizes))
        case .partialSum:
            self = .partialSum(try PartialSum(body: body, payloadSizes: payloadSizes))
        case .nodeReport:
            self = .nodeReport(try NodeReport(body: body, payloadSizes: payloadSizes))
        case .heartbeat:
            self = .heartbeat(try Heartbeat(body: body, payloadSizes: payloadSizes))
        case .heartbeatReply:
            self = .heartbeatReply(try HeartbeatReply(body: body, payloadSizes: payloadSizes))
        case .stop:
            self = .stop(try Stop(body: body, payloadSizes: payloadSizes))
        case .goodbye:
            self = .goodbye(try Goodbye(body: body, payloadSizes: payloadSizes))
        case .evaluationLease:
            self = .evaluationLease(try EvaluationLease(body: body, payloadSizes: payloadSizes))
        case .evaluationResult:
            self = .evaluationResult(try EvaluationResult(body: body, payloadSizes: payloadSizes))
        case .statusRequest:
            self = .statusRequest(try StatusRequest(body: body, payloadSizes: payloadSizes))
        case .status:
            self = .status(try Status(body: body, payloadSizes: payloadSizes))
        case .cancelLease:
            self = .cancelLease(try CancelLease(body: body, payloadSizes: payloadSizes))
        case .sceneRequest:
            self = .sceneRequest(try SceneRequest(body: body, payloadSizes: payloadSizes))
        case .sceneOffer:
            self = .sceneOffer(try SceneOffer(body: body, payloadSizes: payloadSizes))
        }
    }

    /// Reads a whole message: its envelope, its fields, and whether its payloads fit.
    package static func decode(
        envelope: [UInt8], body: [UInt8], payloadSizes: [Int]
    ) throws(MessageError) -> (envelope: Envelope, message: Message) {
        let envelope = try Envelope(bytes: envelope)
        let message = try Message(kind: envelope.kind, body: body, payloadSizes: payloadSizes)
        return (envelope, message)
    }

    /// The first two frames of this message, after a check that payloads of these sizes fit it.
    package func encode(
        run: RunID, epoch: UInt64, payloadSizes: [Int] = []
    ) throws(MessageError) -> (envelope: [UInt8], body: [UInt8]) {
        let fields = fields
        try fields.payloads.check(payloadSizes, of: "\(type(of: fields))")
        let envelope = Envelope(kind: type(of: fields).kind, run: run, epoch: epoch)
        return (envelope.bytes, try fields.body())
    }
}
