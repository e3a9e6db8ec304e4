/// What was measured of one model on the report's scans.
package struct ModelFigures: Sendable {
    /// What it is in the run.
    package enum Role: String, Sendable {
        /// The one that teaches.
        case teacher
        /// The run's own student, distilled or not.
        case student
        /// The student that learnt without a teacher.
        case alone
    }

    /// What it is in the run.
    package var role: Role
    /// What the report calls it.
    package var name: String
    /// Numbers that are learnt.
    package var parameters: Int
    /// Bytes of its weights.
    package var bytes: Int
    /// Shares, 0 to 1.
    package var meanIoU: Double
    /// As ``meanIoU``.
    package var meanAccuracy: Double
    /// As ``meanIoU``.
    package var overallAccuracy: Double
    /// Mean seconds a scan on one thread.
    package var secondsAScan: Double
    /// The most memory a worker had while it was trained, if the run says so.
    package var trainingBytes: Int?
    /// Intersection over union of each class; nil for one without points.
    package var iou: [Double?]
    /// True classes in rows, labels in columns.
    package var confusion: [UInt64]
    /// How sure it was.
    package var confidence: Confidence

    /// How sure a model is, and with what right.
    package struct Confidence: Sendable {
        /// Points by their highest probability, in stretches of equal length from 0 to 1.
        package var points: [Int]
        /// Those among them whose label was right.
        package var right: [Int]
        /// Sums over the points of each true class: entropies as shares of the highest possible.
        package var entropy: [Double]
        /// Points of each true class.
        package var ofClass: [Int]

        /// Nothing yet, of so many classes.
        package init(classes: Int) {
            points = Array(repeating: 0, count: Self.stretches)
            right = points
            entropy = Array(repeating: 0, count: classes)
            ofClass = Array(repeating: 0, count: classes)
        }

        /// How many stretches there are.
        package static let stretches = 50

        /// Counts a point.
        ///
        /// - Parameters:
        ///   - probability: the highest of its classes.
        ///   - entropy: of its probabilities, as a share of the highest possible.
        package mutating func add(
            probability: Double, entropy: Double, label: Int, isRight: Bool, points count: Int = 1
        ) {
            let stretch = min(max(Int(probability * Double(Self.stretches)), 0), Self.stretches - 1)
            points[stretch] += count
            if isRight { right[stretch] += count }
            self.entropy[label] += entropy * Double(count)
            ofClass[label] += count
        }

        /// Both together.
        package static func + (a: Confidence, b: Confidence) -> Confidence {
            var sum = a
            sum.points = zip(a.points, b.points).map(+)
            sum.right = zip(a.right, b.right).map(+)
            sum.entropy = zip(a.entropy, b.entropy).map(+)
            sum.ofClass = zip(a.ofClass, b.ofClass).map(+)
            return sum
        }

        /// The share of points at least as sure as the beginning of each stretch.
        var surer: [SIMD2<Double>] {
            let all = Double(max(points.reduce(0, +), 1))
            return points.indices.map { stretch in
                SIMD2(
                    Double(stretch) / Double(Self.stretches),
                    Double(points[stretch...].reduce(0, +)) / all)
            }
        }

        /// The share of right labels over the probability, in fifths of the stretches' number.
        var accuracy: [SIMD2<Double>] {
            stride(from: 0, to: Self.stretches, by: 5).compactMap { first in
                let all = points[first..<first + 5].reduce(0, +)
                guard all >= 20 else { return nil }
                return SIMD2(
                    (Double(first) + 2.5) / Double(Self.stretches),
                    Double(right[first..<first + 5].reduce(0, +)) / Double(all))
            }
        }
    }

    /// All figures.
    package init(
        role: Role, name: String, parameters: Int, bytes: Int, meanIoU: Double,
        meanAccuracy: Double, overallAccuracy: Double, secondsAScan: Double, trainingBytes: Int?,
        iou: [Double?], confusion: [UInt64], confidence: Confidence
    ) {
        self.role = role
        self.name = name
        self.parameters = parameters
        self.bytes = bytes
        self.meanIoU = meanIoU
        self.meanAccuracy = meanAccuracy
        self.overallAccuracy = overallAccuracy
        self.secondsAScan = secondsAScan
        self.trainingBytes = trainingBytes
        self.iou = iou
        self.confusion = confusion
        self.confidence = confidence
    }

    /// Its colour in every figure.
    var colour: Int {
        switch role {
        case .student: 0
        case .teacher: 1
        case .alone: 2
        }
    }
}
