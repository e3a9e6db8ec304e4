/// The measurements of one model on the report's scans.
package struct ModelFigures: Sendable {
    /// The model's part in the run.
    package enum Role: String, Sendable {
        /// The teacher.
        case teacher
        /// The run's student, distilled or not.
        case student
        /// The same student trained without a teacher.
        case alone
    }

    /// The model's part in the run.
    package var role: Role
    /// The model's name in the report.
    package var name: String
    /// Number of learnt parameters.
    package var parameters: Int
    /// Bytes of the weights.
    package var bytes: Int
    /// Mean intersection over union, 0 to 1.
    package var meanIoU: Double
    /// Mean accuracy over the classes, 0 to 1.
    package var meanAccuracy: Double
    /// Share of correctly labelled points, 0 to 1.
    package var overallAccuracy: Double
    /// Mean seconds per scan on one thread.
    package var secondsPerScan: Double
    /// Peak memory of a worker during training, if the run has recorded it.
    package var trainingBytes: Int?
    /// Intersection over union of each class; nil for a class without points.
    package var iou: [Double?]
    /// Confusion matrix: true classes in rows, predicted classes in columns.
    package var confusion: [UInt64]
    /// Confidence of the predictions.
    package var confidence: Confidence

    /// The confidence of a model's predictions, and its calibration.
    package struct Confidence: Sendable {
        /// Points by their highest probability, in bins of equal width from 0 to 1.
        package var points: [Int]
        /// Correctly labelled points of each bin.
        package var right: [Int]
        /// Sums over the points of each true class: entropies as shares of the maximum.
        package var entropy: [Double]
        /// Points of each true class.
        package var ofClass: [Int]

        /// Zero counts for this number of classes.
        package init(classes: Int) {
            points = Array(repeating: 0, count: Self.binCount)
            right = points
            entropy = Array(repeating: 0, count: classes)
            ofClass = Array(repeating: 0, count: classes)
        }

        /// The number of bins.
        package static let binCount = 50

        /// Counts points of one probability.
        ///
        /// - Parameters:
        ///   - probability: the highest probability among the classes.
        ///   - entropy: the entropy of the probabilities, as a share of the maximum.
        package mutating func add(
            probability: Double, entropy: Double, label: Int, isRight: Bool, points count: Int = 1
        ) {
            let bin = min(max(Int(probability * Double(Self.binCount)), 0), Self.binCount - 1)
            points[bin] += count
            if isRight { right[bin] += count }
            self.entropy[label] += entropy * Double(count)
            ofClass[label] += count
        }

        /// The counts of both.
        package static func + (a: Confidence, b: Confidence) -> Confidence {
            var sum = a
            sum.points = zip(a.points, b.points).map(+)
            sum.right = zip(a.right, b.right).map(+)
            sum.entropy = zip(a.entropy, b.entropy).map(+)
            sum.ofClass = zip(a.ofClass, b.ofClass).map(+)
            return sum
        }

        /// The share of points whose probability is at least the lower bound of each bin.
        var cumulativeShare: [SIMD2<Double>] {
            let all = Double(max(points.reduce(0, +), 1))
            return points.indices.map { bin in
                SIMD2(
                    Double(bin) / Double(Self.binCount),
                    Double(points[bin...].reduce(0, +)) / all)
            }
        }

        /// Accuracy by probability, in groups of five bins; groups of fewer than 20 points are left
        /// out.
        var accuracy: [SIMD2<Double>] {
            stride(from: 0, to: Self.binCount, by: 5).compactMap { first in
                let all = points[first..<first + 5].reduce(0, +)
                // The accuracy of a handful of points is noise in the calibration curve.
                guard all >= 20 else { return nil }
                return SIMD2(
                    (Double(first) + 2.5) / Double(Self.binCount),
                    Double(right[first..<first + 5].reduce(0, +)) / Double(all))
            }
        }
    }

    /// Measurements of one model.
    package init(
        role: Role, name: String, parameters: Int, bytes: Int, meanIoU: Double,
        meanAccuracy: Double, overallAccuracy: Double, secondsPerScan: Double, trainingBytes: Int?,
        iou: [Double?], confusion: [UInt64], confidence: Confidence
    ) {
        self.role = role
        self.name = name
        self.parameters = parameters
        self.bytes = bytes
        self.meanIoU = meanIoU
        self.meanAccuracy = meanAccuracy
        self.overallAccuracy = overallAccuracy
        self.secondsPerScan = secondsPerScan
        self.trainingBytes = trainingBytes
        self.iou = iou
        self.confusion = confusion
        self.confidence = confidence
    }

    /// The index of the model's colour in every figure.
    var colour: Int {
        switch role {
        case .student: 0
        case .teacher: 1
        case .alone: 2
        }
    }
}
