package import Networks
import PointClouds

/// Taps, widths and geometry of student and teacher, known before a run begins.
///
/// An objective derives from them the taps it reads and the parameters it has, or throws one sentence if
/// the networks do not fit.
package struct NetworkPair: Sendable {
    /// Taps, heads and geometry of one network.
    package struct Side: Sendable {
        /// The taps, in the order in which they are computed.
        package let taps: [TapDescription]
        /// The stored auxiliary heads: the tap of each, and the number of its scores.
        package let auxiliary: [TapDescription]
        /// The strides and curves by which the network pools voxels.
        package let geometry: SceneGeometry

        /// A side of the given taps.
        package init(
            taps: [TapDescription], auxiliary: [TapDescription] = [], geometry: SceneGeometry
        ) {
            self.taps = taps
            self.auxiliary = auxiliary
            self.geometry = geometry
        }

        /// The side of a network and its stored auxiliary heads.
        package init(_ network: any Network, auxiliary: AuxiliaryHeads? = nil) {
            self.init(
                taps: network.taps,
                auxiliary: auxiliary.map { heads in
                    heads.taps.map { TapDescription(tap: $0, width: heads.classes) }
                } ?? [],
                geometry: network.geometry)
        }

        /// The number of channels at a tap; throws one sentence if there is no such tap.
        package func width(at tap: Tap) throws -> Int {
            if let found = taps.first(where: { $0.tap == tap }) { return found.width }
            throw ObjectiveError(
                "There is no tap \(tap); there are \(taps.map(\.tap.description).joined(separator: ", "))."
            )
        }
    }

    /// The student.
    package let student: Side
    /// The teacher; nil where the student learns without one.
    package let teacher: Side?
    /// The recipe's pair of taps, where objectives compare features by default.
    package let taps: (student: Tap, teacher: Tap)
    /// The number of classes.
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

    /// The teacher; throws one sentence, naming the objective, where there is none.
    package func teacher(for objective: some Objective) throws -> Side {
        guard let teacher else { throw ObjectiveError.noTeacher(type(of: objective).name) }
        return teacher
    }

    /// The numbers of channels of the student's and the teacher's features at the recipe's taps.
    package func widths(for objective: some Objective) throws -> (student: Int, teacher: Int) {
        (
            try student.width(at: taps.student),
            try teacher(for: objective).width(at: taps.teacher)
        )
    }

    /// The taps that both networks have, in the student's order.
    ///
    /// Throws one sentence unless the rows at each are the same voxels.
    package func sharedTaps(for objective: some Objective) throws -> [Tap] {
        let others = try teacher(for: objective).taps.map(\.tap)
        let shared = student.taps.map(\.tap).filter(others.contains)
        for tap in shared { try checkRows(student: tap, teacher: tap, for: objective) }
        return shared
    }

    /// Throws one sentence unless the rows at the student's tap and at the teacher's tap are the same
    /// voxels in the same order.
    ///
    /// The rows of the finest stage always are. Those of a coarser stage are if both networks pool alike
    /// down to it: by the same strides, along the same first curve, which numbers the pooled rows.
    package func checkRows(
        student tap: Tap, teacher other: Tap, for objective: some Objective
    ) throws {
        let name = type(of: objective).name
        let teacher = try teacher(for: objective)
        _ = try (student.width(at: tap), teacher.width(at: other))
        // Matrices of different stages differ in the number of rows, which would end in a failed
        // precondition of some operation.
        guard tap.stage == other.stage else {
            throw ObjectiveError(
                "\(name): the student's tap \(tap) has the voxels of stage \(tap.stage), the "
                    + "teacher's tap \(other) those of stage \(other.stage): choose taps of one stage."
            )
        }
        let (a, b) = (student.geometry, teacher.geometry)
        let strides = (a.strides.prefix(tap.stage), b.strides.prefix(tap.stage))
        guard a.numbersRows(ofStage: tap.stage, like: b) else {
            let curves = (a.orders.first?.description ?? "", b.orders.first?.description ?? "")
            throw ObjectiveError(
                "\(name): at \(tap) student and teacher have different voxels (strides "
                    + "\(Array(strides.0)) along \(curves.0), and \(Array(strides.1)) along "
                    + "\(curves.1)): give the student the teacher's strides and first curve.")
        }
    }
}
