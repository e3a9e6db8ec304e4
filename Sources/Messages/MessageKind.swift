/// The number of a message on the wire.
///
/// A number is never used again for another thing.
package enum MessageKind: UInt16, Sendable, CaseIterable {
    case hello = 1
    case welcome = 2
    case refusal = 3
    case assetRequest = 4
    case assetPart = 5
    case weightsBucket = 6
    case lease = 7
    case contribution = 8
    case totals = 9
    case partialSum = 10
    case nodeReport = 11
    case heartbeat = 12
    case heartbeatReply = 13
    case stop = 14
    case goodbye = 15
    case evaluationLease = 16
    case evaluationResult = 17
    case statusRequest = 18
    case status = 19
    case cancelLease = 20
    case sceneRequest = 21
    case sceneOffer = 22
}
