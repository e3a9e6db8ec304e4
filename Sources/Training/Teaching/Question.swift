public import Distillation
public import Networks

/// What a teacher is asked about a cloud, besides the scores of the classes.
public struct Question: Codable, Sendable, Hashable {
    /// Where its features are wanted.
    public let taps: [Tap]
    /// The auxiliary heads whose scores are wanted, by the taps they read.
    public let heads: [Tap]

    /// A question for features at some taps and scores of some heads.
    public init(taps: [Tap], heads: [Tap] = []) {
        self.taps = taps
        self.heads = heads
    }

    /// What a plan reads of a teacher.
    public init(_ plan: ObjectivePlan, of teacher: NetworkPair.Side) {
        self.init(
            taps: plan.teacherTaps,
            heads: plan.needs.contains(.teacherAuxiliary) ? teacher.auxiliary.map(\.tap) : [])
    }
}
