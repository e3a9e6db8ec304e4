public import Distillation
public import Tensors

/// A small mini-batch on which objectives are tried: unequal clouds, some points unlabelled, one
/// cloud without any label, one of a single point; student and teacher of different width.
///
/// The numbers are exact in Float32, so that a Float64 reference sees the very same ones.
public struct ObjectiveTrial: Sendable {
    /// One cloud; rows are points.
    public struct Cloud: Sendable {
        /// Its place in the mini-batch.
        public var place: Int
        /// The class of each point, or -1.
        public var labels: [Int32]
        /// What the student says: n x classes and n x channels.
        public var studentLogits: [[Double]]
        /// The student's features.
        public var studentFeatures: [[Double]]
        /// What the teacher says.
        public var teacherLogits: [[Double]]
        /// The teacher's features.
        public var teacherFeatures: [[Double]]
    }

    /// The clouds in the order of their places.
    public var clouds: [Cloud]
    /// How many classes.
    public var classes: Int
    /// The seed of the run.
    public var seed: UInt64 = 1
    /// The step of the run.
    public var step = 3
    /// Whether there is a teacher.
    public var hasTeacher = true

    /// A mini-batch of clouds of the given sizes.
    public init(
        sizes: [Int] = [11, 4, 8, 1, 6, 3], classes: Int = 4, studentWidth: Int = 3,
        teacherWidth: Int = 5, seed: UInt64 = 7
    ) {
        self.classes = classes
        clouds = sizes.enumerated().map { place, size in
            var generator = CounterGenerator(
                seed: seed, sample: UInt64(place), purpose: .init("objective trial"))
            func rows(_ width: Int) -> [[Double]] {
                (0..<size).map { _ in (0..<width).map { _ in Double(generator.normal()) } }
            }
            let labels = (0..<size).map { _ -> Int32 in
                let ignored = place == sizes.count - 1 || generator.uniform() < 0.2
                let label = Int32(generator.index(below: classes))
                return ignored ? Lesson.ignored : label
            }
            return Cloud(
                place: place, labels: labels, studentLogits: rows(classes),
                studentFeatures: rows(studentWidth), teacherLogits: rows(classes),
                teacherFeatures: rows(teacherWidth))
        }
    }

    /// Its clouds in contiguous micro-shards, whose numbers of clouds differ by one at most.
    public func shards(_ count: Int) -> [[Int]] {
        (0..<count).map { shard in
            Array(clouds.count * shard / count..<clouds.count * (shard + 1) / count)
        }
    }

    /// The lesson of the micro-shard that holds the given clouds; the student's signals, and the
    /// teacher's too, are variables of the tape.
    public func lesson(of shard: [Int], on tape: Tape) -> Lesson {
        let clouds = shard.map { self.clouds[$0] }
        func variable(_ key: KeyPath<Cloud, [[Double]]>, width: Int) -> Tensor {
            let rows = clouds.flatMap { $0[keyPath: key] }
            return tape.variable(
                Tensor(rows: rows.count, columns: width, rows.flatMap { $0.map { Float($0) } }))
        }
        func width(_ key: KeyPath<Cloud, [[Double]]>) -> Int {
            self.clouds.lazy.compactMap { $0[keyPath: key].first?.count }.first ?? 0
        }
        var end = 0
        let ranges = clouds.map { cloud in
            defer { end += cloud.labels.count }
            return end..<end + cloud.labels.count
        }
        return Lesson(
            cloudRanges: ranges, cloudIDs: clouds.map(\.place), labels: clouds.flatMap(\.labels),
            classes: classes,
            student: Signals(
                logits: variable(\.studentLogits, width: classes),
                features: variable(\.studentFeatures, width: width(\.studentFeatures))),
            teacher: hasTeacher
                ? Signals(
                    logits: variable(\.teacherLogits, width: classes),
                    features: variable(\.teacherFeatures, width: width(\.teacherFeatures))) : nil,
            seed: seed, step: step)
    }
}

/// What an objective made of a mini-batch.
public struct ObjectiveOutcome: Sendable, Equatable {
    /// The shares, added.
    public var value: Double
    /// The gradient by the student's signals: cloud by cloud in the trial's order, point by point,
    /// first the logits, then the features.
    public var gradient: [Double]
}

extension ObjectiveTrial {
    /// Tries an objective as a run would compute it, the mini-batch spread over `shards`: all
    /// contributions (sent as they would be over the wire), their total, then every share.
    ///
    /// - Parameter seed: the gradient of the loss with which backward begins.
    public func outcome(
        of objective: some Objective, shards: [[Int]], seed: Float = 1
    ) throws -> ObjectiveOutcome {
        let tapes = shards.map { _ in Tape() }
        let lessons = zip(shards, tapes).map { lesson(of: $0, on: $1) }
        let contributions = try lessons.map { lesson in
            let contribution = try objective.contribution(of: lesson)
            if contribution.tensors.contains(where: \.requiresGradient) {
                throw ObjectiveViolation("Its contribution is not made of constants.")
            }
            return try Contribution(
                shape: contribution.shape, counts: contribution.counts,
                tensors: contribution.tensors)
        }
        let totals = Totals(try Contribution.total(of: contributions))
        var value = 0.0
        var byCloud = [[Double]](repeating: [], count: clouds.count)
        for ((shard, lesson), tape) in zip(zip(shards, lessons), tapes) {
            let share = try objective.loss(of: lesson, given: totals)
            value += Double(share.scalar)
            let gradients = tape.gradients(from: share, seed: Tensor(seed))
            let logits = gradients[lesson.student.logits]?.values
            let features = gradients[lesson.student.features]?.values
            let width = lesson.student.features.columns
            for (cloud, range) in zip(shard, lesson.cloudRanges) {
                for row in range {
                    byCloud[cloud] += (0..<classes).map {
                        Double(logits?[row * classes + $0] ?? 0)
                    }
                    byCloud[cloud] += (0..<width).map { Double(features?[row * width + $0] ?? 0) }
                }
            }
        }
        return ObjectiveOutcome(value: value, gradient: byCloud.flatMap { $0 })
    }

    /// The student's signals, in the order of ``ObjectiveOutcome/gradient``.
    public var signals: [Double] {
        get {
            clouds.flatMap { cloud in
                zip(cloud.studentLogits, cloud.studentFeatures).flatMap { $0 + $1 }
            }
        }
        set {
            var next = newValue.makeIterator()
            for cloud in clouds.indices {
                for row in clouds[cloud].labels.indices {
                    for k in clouds[cloud].studentLogits[row].indices {
                        clouds[cloud].studentLogits[row][k] = next.next() ?? .nan
                    }
                    for k in clouds[cloud].studentFeatures[row].indices {
                        clouds[cloud].studentFeatures[row][k] = next.next() ?? .nan
                    }
                }
            }
        }
    }
}
