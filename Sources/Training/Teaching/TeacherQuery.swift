package import Distillation
package import Networks

/// What a teacher is asked about a cloud, besides the scores of the classes.
package struct TeacherQuery: Codable, Sendable, Hashable {
    /// Where its features are wanted.
    package let taps: [Tap]
    /// The auxiliary heads whose scores are wanted, by the taps they read.
    package let heads: [Tap]

    /// A question for features at some taps and scores of some heads.
    package init(taps: [Tap], heads: [Tap] = []) {
        self.taps = taps
        self.heads = heads
    }

    /// What a plan reads of a teacher.
    package init(_ plan: ObjectivePlan, of teacher: NetworkPair.Side) {
        self.init(
            taps: plan.teacherTaps,
            heads: plan.needs.contains(.teacherAuxiliary) ? teacher.auxiliary.map(\.tap) : [])
    }
}
