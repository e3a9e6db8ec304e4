package import Networks
import PointClouds

/// Student and teacher as objectives know them before a run begins: which taps there are, how wide
/// they are, and whose rows are the same voxels.
///
/// From it an objective says what it wants to read and which parameters it brings, or refuses in
/// one sentence.
package struct NetworkPair: Sendable {
    /// One of the two networks.
    package struct Side: Sendable {
        /// Where its features can be read, in the order in which they are computed.
        package let taps: [TapDescription]
        /// The auxiliary heads it was stored with: where, and how many scores each gives.
        package let auxiliary: [TapDescription]
        /// How it pools voxels.
        package let geometry: SceneGeometry

        /// A side of the given taps.
        package init(
            taps: [TapDescription], auxiliary: [TapDescription] = [], geometry: SceneGeometry
        ) {
            self.taps = taps
            self.auxiliary = auxiliary
            self.geometry = geometry
        }

        /// A network, with the auxiliary heads it was stored with.
        package init(_ network: any Network, auxiliary: AuxiliaryHeads? = nil) {
            self.init(
                taps: network.taps,
                auxiliary: auxiliary.map { heads in
                    heads.taps.map { TapDescription(tap: $0, width: heads.classes) }
                } ?? [],
                geometry: network.geometry)
        }

        /// The channels at a tap; throws one sentence if there is no such tap.
        package func width(at tap: Tap) throws -> Int {
            if let found = taps.first(where: { $0.tap == tap }) { return found.width }
            throw ObjectiveError(
                "There is no tap \(tap); there are \(taps.map(\.tap.description).joined(separator: ", "))."
            )
        }
    }

    /// The student.
    package let student: Side
    /// The teacher; nil where the student learns alone.
    package let teacher: Side?
    /// The recipe's pair of taps, where objectives compare features unless they say otherwise.
    package let taps: (student: Tap, teacher: Tap)
    /// How many classes there are.
    package let classes: Int

    /// A pair of the given networks.
    package init(
        student: Side, teacher: Side?,
        taps: (student: Tap, teacher: Tap) = (.lastDecoderStage, .lastDecoderStage), classes: Int
    ) {
        self.student = student
        self.teacher = teacher
        self.taps = taps
        self.classes = classes
    }

    /// The teacher, or the sentence of an objective that cannot do without.
    package func teacher(for objective: some Objective) throws -> Side {
        guard let teacher else { throw ObjectiveError.noTeacher(type(of: objective).name) }
        return teacher
    }

    /// The channels of the student's and the teacher's features at the recipe's taps.
    package func widths(for objective: some Objective) throws -> (student: Int, teacher: Int) {
        (
            try student.width(at: taps.student),
            try teacher(for: objective).width(at: taps.teacher)
        )
    }

    /// The taps both networks have, in the student's order; all their rows must be the same voxels.
    ///
    /// Throws one sentence if they are not.
    package func sharedTaps(for objective: some Objective) throws -> [Tap] {
        let others = try teacher(for: objective).taps.map(\.tap)
        let shared = student.taps.map(\.tap).filter(others.contains)
        for tap in shared { try checkRows(student: tap, teacher: tap, for: objective) }
        return shared
    }

    /// Throws one sentence unless the rows at the student's tap and at the teacher's are the same
    /// voxels in the same order.
    ///
    /// The finest stage's always are. A coarser stage's are if both networks pool alike down to it:
    /// by the same strides, along the same first curve, which numbers the pooled rows.
    package func checkRows(
        student tap: Tap, teacher other: Tap, for objective: some Objective
    ) throws {
        let name = type(of: objective).name
        let teacher = try teacher(for: objective)
        _ = try (student.width(at: tap), teacher.width(at: other))
        guard tap.stage == other.stage else {
            throw ObjectiveError(
                "\(name): the student's tap \(tap) has the voxels of stage \(tap.stage), the "
                    + "teacher's tap \(other) those of stage \(other.stage): choose taps of one stage."
            )
        }
        let (a, b) = (student.geometry, teacher.geometry)
        let strides = (a.strides.prefix(tap.stage), b.strides.prefix(tap.stage))
        guard
            tap.stage == 0
                || (strides.0 == strides.1 && a.orders.first == b.orders.first
                    && a.depthRule == b.depthRule)
        else {
            let curves = (a.orders.first?.description ?? "", b.orders.first?.description ?? "")
            throw ObjectiveError(
                "\(name): at \(tap) student and teacher have different voxels (strides "
                    + "\(Array(strides.0)) along \(curves.0), and \(Array(strides.1)) along "
                    + "\(curves.1)): give the student the teacher's strides and first curve.")
        }
    }
}
