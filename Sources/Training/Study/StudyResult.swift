/// Scores of one trained model: shares, 0 to 1.
package struct Score: Sendable, Codable, Equatable {
    /// Mean intersection over union.
    package var mIoU: Double
    /// Mean accuracy over classes.
    package var mAcc: Double
    /// Accuracy over points.
    package var allAcc: Double
    /// Intersection over union of each class that occurs.
    package var classes: [String: Double]
    /// The number of trained values.
    package var parameters: Int

    /// The given figures.
    package init(
        mIoU: Double, mAcc: Double, allAcc: Double, classes: [String: Double], parameters: Int
    ) {
        self.mIoU = mIoU
        self.mAcc = mAcc
        self.allAcc = allAcc
        self.classes = classes
        self.parameters = parameters
    }
}

/// Result of a study.
package struct StudyResult: Sendable, Codable {
    /// Comparison of an arm with another.
    package struct Comparison: Sendable, Codable {
        /// The arm.
        package let arm: String
        /// The arm that it is compared with; nil if none.
        package let against: String?
        /// The score of each seed, in the study's order.
        package let scores: [Score]
        /// The mean paired difference from the other arm; nil if there is none.
        package let mIoU: PairedDifference?
        /// As ``mIoU``.
        package let mAcc: PairedDifference?
        /// As ``mIoU``.
        package let allAcc: PairedDifference?
        /// As ``mIoU``, for each class that every run has a score of.
        package let classes: [String: PairedDifference]
        /// The closed share of the gap between the other arm and the teacher.
        package let gapClosed: Double?

        /// The arm's mean mIoU.
        package var meanIoU: Double {
            scores.reduce(0) { $0 + $1.mIoU } / Double(scores.count)
        }
    }

    /// The name of the study.
    package let study: String
    /// The seeds.
    package let seeds: [UInt64]
    /// The arm that others are compared with unless they name another.
    package let baseline: String
    /// The teacher's score, if there is one.
    package let teacher: Score?
    /// Each arm, in the study's order.
    package let arms: [Comparison]

    /// Compares scores: one per seed for each arm, in the study's order.
    package init(_ study: Study, scores: [String: [Score]], teacher: Score?) {
        self.study = study.name
        seeds = study.seeds
        baseline = study.baseline
        self.teacher = teacher
        arms = study.arms.map { arm in
            let own = scores[arm.name]!
            let reference = scores[arm.reference]!
            let mean = reference.reduce(0) { $0 + $1.mIoU } / Double(reference.count)
            let isReference = arm.name == arm.reference
            func paired(_ figure: (Score) -> Double) -> PairedDifference? {
                isReference
                    ? nil : PairedDifference(zip(own, reference).map { figure($0) - figure($1) })
            }
            // A class that some run has no score of cannot be paired.
            let shared = (own + reference).reduce(into: Set(own[0].classes.keys)) {
                $0.formIntersection($1.classes.keys)
            }
            let gained = own.reduce(0) { $0 + $1.mIoU } / Double(own.count) - mean
            let gap = teacher.map { $0.mIoU - mean }
            return Comparison(
                arm: arm.name, against: isReference ? nil : arm.reference, scores: own,
                mIoU: paired(\.mIoU), mAcc: paired(\.mAcc),
                allAcc: paired(\.allAcc),
                classes: isReference
                    ? [:]
                    : Dictionary(
                        uniqueKeysWithValues: shared.map { name in
                            (name, paired { $0.classes[name]! }!)
                        }),
                gapClosed: isReference ? nil : gap.flatMap { $0 > 0 ? gained / $0 : nil })
        }
    }
}
