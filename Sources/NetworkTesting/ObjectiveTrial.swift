package import Distillation
package import Networks
import PointClouds
package import Tensors

/// A small mini-batch for tests of objectives: unequal clouds, some points unlabelled, one cloud
/// without any label, one of a single point; student and teacher of different width; two stages, a
/// strong view, quarter turns, a teacher with auxiliary heads, an averaged student.
///
/// The numbers are exact in Float32, so that a Float64 reference reads the same values. The input of
/// an objective has only what the objective requests.
package struct ObjectiveTrial: Sendable {
    /// The outputs of a network for a cloud; rows are points, or a coarser stage's voxels.
    package struct SyntheticOutputs: Sendable {
        /// n x classes.
        package var logits: [[Double]]
        /// Rows of the tap's stage x channels.
        package var features: [Tap: [[Double]]]
        /// Scores of auxiliary heads: rows of the tap's stage x scores.
        package var auxiliary: [Tap: [[Double]]] = [:]
    }

    /// One cloud.
    package struct Cloud: Sendable {
        /// Its place in the mini-batch.
        package var place: Int
        /// The class of each point, or -1.
        package var labels: [Int32]
        /// The voxel of each point.
        package var cells: [SIMD3<Int32>]
        /// The position of each point, in metres.
        package var positions: [SIMD3<Float>]
        /// The quarter turns of the augmentation.
        package var quarterTurns: Int
        /// The student's outputs.
        package var student: SyntheticOutputs
        /// The teacher's outputs.
        package var teacher: SyntheticOutputs
        /// The student's outputs for the strong view.
        package var strongStudent: SyntheticOutputs
        /// The teacher's outputs for the strong view.
        package var strongTeacher: SyntheticOutputs
        /// The averaged student's outputs.
        package var average: SyntheticOutputs
    }

    /// The clouds in the order of their places.
    package var clouds: [Cloud]
    /// The number of classes.
    package let classes: Int
    /// The seed of the run.
    package var seed: UInt64 = 1
    /// The step of the run.
    package var step = 10
    /// Whether there is a teacher.
    package var hasTeacher = true
    /// The parameters of the objective under test, by its own names, row by row; its initial ones
    /// after ``prepared(for:)``.
    package var parameters: [(name: String, rows: [[Double]])] = []
    /// The values that are held constant while others move; nil if none are.
    var held: HeldValues?
    /// The requests of the objective under test; nil before ``prepared(for:)``.
    package private(set) var plan: ObjectivePlan?

    private let widths: (student: [Tap: Int], teacher: [Tap: Int], auxiliary: [Tap: Int])

    /// The geometry of student and teacher, which pool once by two.
    package static let geometry = SceneGeometry(strides: [2], orders: [.z])
    /// The taps of both networks.
    package static let taps: [Tap] = [.encoder(0), .encoder(1), .decoder(0)]

    /// A mini-batch of clouds of the given sizes; the widths are those of the last decoder stage.
    package init(
        sizes: [Int] = [11, 4, 8, 1, 6, 3], classes: Int = 4, studentWidth: Int = 3,
        teacherWidth: Int = 5, seed: UInt64 = 7
    ) {
        self.classes = classes
        widths = (
            [.encoder(0): 2, .encoder(1): 4, .decoder(0): studentWidth],
            [.encoder(0): 3, .encoder(1): 6, .decoder(0): teacherWidth],
            [.encoder(1): 4 * classes, .decoder(0): 4 * classes]
        )
        clouds = sizes.enumerated().map { [widths] place, size in
            var generator = CounterGenerator(
                seed: seed, sample: UInt64(place), purpose: .init("objective trial"))
            func rows(_ count: Int, _ width: Int) -> [[Double]] {
                (0..<count).map { _ in (0..<width).map { _ in Double(generator.normal()) } }
            }
            let labels = (0..<size).map { _ -> Int32 in
                // A cloud without any label: a mean per cloud would divide by zero.
                let ignored = place == sizes.count - 1 || generator.uniform() < 0.2
                let label = Int32(generator.index(below: classes))
                return ignored ? ObjectiveInput.ignored : label
            }
            var student = SyntheticOutputs(
                logits: rows(size, classes),
                features: [.decoder(0): rows(size, widths.student[.decoder(0)]!)])
            var teacher = SyntheticOutputs(
                logits: rows(size, classes),
                features: [.decoder(0): rows(size, widths.teacher[.decoder(0)]!)])
            let cells = distinctCells(size, seed: seed, sample: UInt64(place))
            let counts = hierarchy(of: [cells]).stages.map(\.rows)
            func complete(_ outputs: inout SyntheticOutputs, _ widths: [Tap: Int]) {
                for tap in Self.taps where outputs.features[tap] == nil {
                    outputs.features[tap] = rows(counts[tap.stage], widths[tap]!)
                }
            }
            complete(&student, widths.student)
            complete(&teacher, widths.teacher)
            func outputs(_ widths: [Tap: Int]) -> SyntheticOutputs {
                var outputs = SyntheticOutputs(logits: rows(size, classes), features: [:])
                complete(&outputs, widths)
                return outputs
            }
            // The order of these draws fixes the trial's numbers, which golden values depend on.
            var strongTeacher = outputs(widths.teacher)
            let (strongStudent, average) = (outputs(widths.student), outputs(widths.student))
            for tap in Self.taps where widths.auxiliary[tap] != nil {
                teacher.auxiliary[tap] = rows(counts[tap.stage], widths.auxiliary[tap]!)
                strongTeacher.auxiliary[tap] = rows(counts[tap.stage], widths.auxiliary[tap]!)
            }
            return Cloud(
                place: place, labels: labels, cells: cells,
                positions: cells.map { cell in
                    0.1 * (SIMD3<Float>(cell) + SIMD3(repeating: generator.uniform()))
                },
                quarterTurns: place % 4, student: student, teacher: teacher,
                strongStudent: strongStudent, strongTeacher: strongTeacher, average: average)
        }
    }

    /// The trial for an objective, with the requested outputs and the first values of its
    /// parameters.
    ///
    /// Throws the objective's error for networks that it cannot be used with.
    package func prepared(for objective: some Objective) throws -> ObjectiveTrial {
        var prepared = self
        let plan = try ObjectivePlan(WeightedSum(objective), for: pair)
        let first = plan.initialWeights(seed: seed)
        prepared.plan = plan
        prepared.parameters = plan.bound(first.map(\.tensor)).flatMap { own in
            zip(own.names, own.tensors).map { (name: $0, rows: rows(of: $1)) }
        }
        return prepared
    }

    /// The networks as the objective's requests see them.
    package var pair: NetworkPair {
        func taps(_ widths: [Tap: Int], _ outputs: KeyPath<Cloud, SyntheticOutputs>)
            -> [TapDescription]
        {
            Self.taps.map { tap in
                TapDescription(tap: tap, width: width(outputs, tap) ?? widths[tap]!)
            }
        }
        return NetworkPair(
            student: .init(taps: taps(widths.student, \.student), geometry: Self.geometry),
            teacher: hasTeacher
                ? .init(
                    taps: taps(widths.teacher, \.teacher),
                    auxiliary: Self.taps.compactMap { tap in
                        widths.auxiliary[tap].map { TapDescription(tap: tap, width: $0) }
                    }, geometry: Self.geometry) : nil,
            classes: classes)
    }

    private func width(_ outputs: KeyPath<Cloud, SyntheticOutputs>, _ tap: Tap) -> Int? {
        // A test may have replaced the features by rows of another width.
        clouds.lazy.compactMap { $0[keyPath: outputs].features[tap]?.first?.count }.first
    }

    /// The clouds in contiguous micro-shards, whose numbers of clouds differ by at most one.
    package func shards(_ count: Int) -> [[Int]] {
        (0..<count).map { shard in
            Array(clouds.count * shard / count..<clouds.count * (shard + 1) / count)
        }
    }
}

extension ObjectiveTrial.Cloud {
    /// The student's logits: n x classes.
    package var studentLogits: [[Double]] {
        get { student.logits }
        set { student.logits = newValue }
    }
    /// The student's features at the last decoder stage.
    package var studentFeatures: [[Double]] {
        get { student.features[.decoder(0)]! }
        set { student.features[.decoder(0)] = newValue }
    }
    /// The teacher's logits: n x classes.
    package var teacherLogits: [[Double]] {
        get { teacher.logits }
        set { teacher.logits = newValue }
    }
    /// The teacher's features at the last decoder stage.
    package var teacherFeatures: [[Double]] {
        get { teacher.features[.decoder(0)]! }
        set { teacher.features[.decoder(0)] = newValue }
    }
}

// MARK: - Inputs

extension ObjectiveTrial {
    /// The input of the micro-shard with the given clouds, with what the objective has requested;
    /// outputs of the student and the teacher and the objective's parameters are variables of the
    /// tape.
    package func input(of shard: [Int], on tape: Tape) -> ObjectiveInput {
        let clouds = shard.map { self.clouds[$0] }
        let pair = pair
        let needs = plan?.needs ?? [.teacherLogits, .teacherFeatures]
        // The teacher's outputs too: the contract checks that the input makes constants of them.
        func variable(_ rows: [[Double]], _ width: Int) -> Tensor {
            tape.variable(
                Tensor(rows: rows.count, columns: width, rows.flatMap { $0.map { Float($0) } }))
        }
        func outputs(
            _ path: KeyPath<Cloud, SyntheticOutputs>, _ side: NetworkPair.Side, _ taps: [Tap]
        ) -> NetworkOutputs {
            let parts = clouds.map { $0[keyPath: path] }
            func features(_ tap: Tap) -> Tensor {
                let width = side.taps.first { $0.tap == tap }!.width
                return variable(parts.flatMap { $0.features[tap]! }, width)
            }
            let heads = needs.contains(.teacherAuxiliary) ? side.auxiliary : []
            let primary = Tap.decoder(0)
            return NetworkOutputs(
                logits: variable(parts.flatMap(\.logits), classes),
                features: ([primary] + taps.filter { $0 != primary }).map { ($0, features($0)) },
                auxiliary: heads.map { head in
                    (head.tap, variable(parts.flatMap { $0.auxiliary[head.tap]! }, head.width))
                })
        }
        let studentTaps = plan?.studentTaps ?? []
        func student(_ path: KeyPath<Cloud, SyntheticOutputs>) -> NetworkOutputs {
            outputs(path, pair.student, studentTaps)
        }
        func teacher(_ path: KeyPath<Cloud, SyntheticOutputs>) -> NetworkOutputs? {
            pair.teacher.map { outputs(path, $0, plan?.teacherTaps ?? []) }
        }
        func bound(_ values: [(name: String, rows: [[Double]])]) -> BoundParameters {
            plan?.bound(values.map { tensor(of: $0.rows) }).first ?? .none
        }
        let (own, averaged) = (bound(parameters), bound(averagedParameters))
        return ObjectiveInput(
            hierarchy: hierarchy(of: clouds.map(\.cells)), positions: clouds.map(\.positions),
            samples: clouds.map { UInt64($0.place) + 100 }, cloudIDs: clouds.map(\.place),
            labels: clouds.flatMap(\.labels), classes: classes, student: student(\.student),
            teacher: teacher(\.teacher),
            strong: needs.contains(.strongView)
                ? .init(student: student(\.strongStudent), teacher: teacher(\.strongTeacher)) : nil,
            average: needs.contains(.average)
                ? .init(student: student(\.average), parameters: averaged) : nil,
            quarterTurns: needs.contains(.quarterTurns) ? clouds.map(\.quarterTurns) : nil,
            parameters: own.variables(on: tape), seed: seed, step: step,
            holding: held?.holding(shard))
    }
}

// MARK: - Numbers

func rows(of tensor: Tensor) -> [[Double]] {
    let values = tensor.values
    return (0..<tensor.rows).map { row in
        values[row * tensor.columns..<(row + 1) * tensor.columns].map(Double.init)
    }
}

func tensor(of rows: [[Double]]) -> Tensor {
    Tensor(rows: rows.count, columns: rows.first?.count ?? 0, rows.flatMap { $0.map { Float($0) } })
}

private func hierarchy(of cells: [[SIMD3<Int32>]]) -> PointHierarchy {
    guard let hierarchy = try? ObjectiveTrial.geometry.hierarchy(gridCoordinates: cells) else {
        preconditionFailure("The trial's voxels are distinct.")
    }
    return hierarchy
}

/// The given number of voxels of a cube that has room for about three times as many.
private func distinctCells(_ count: Int, seed: UInt64, sample: UInt64) -> [SIMD3<Int32>] {
    var side = 2
    while side * side * side < 3 * count { side += 1 }
    var generator = CounterGenerator(seed: seed, sample: sample, purpose: .init("trial cells"))
    var places = Array(0..<side * side * side)
    // A partial shuffle: the hierarchy rejects voxels that occur twice.
    for place in 0..<count {
        places.swapAt(place, place + generator.index(below: places.count - place))
    }
    return places.prefix(count).map {
        SIMD3(Int32($0 % side), Int32($0 / side % side), Int32($0 / side / side))
    }
}
