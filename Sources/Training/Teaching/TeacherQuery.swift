package import Distillation
package import Networks

/// Outputs requested of a teacher besides the class scores.
package struct TeacherQuery: Codable, Sendable, Hashable {
    /// Taps whose features are requested.
    package let taps: [Tap]
    /// Auxiliary heads whose scores are requested, by the taps they read.
    package let heads: [Tap]

    /// A query for features at some taps and scores of some heads.
    package init(taps: [Tap], heads: [Tap] = []) {
        self.taps = taps
        self.heads = heads
    }

    /// The outputs that a plan reads.
    package init(_ plan: ObjectivePlan, of teacher: NetworkPair.Side) {
        self.init(
            taps: plan.teacherTaps,
            heads: plan.needs.contains(.teacherAuxiliary) ? teacher.auxiliary.map(\.tap) : [])
    }
}
