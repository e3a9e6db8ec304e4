package import Distillation
import Networks
import Tensors

/// Numbers for everything that a loss can depend on: the values of the student's outputs and of the
/// objective's own parameters, or the gradient with respect to them.
package struct ObjectiveVariables: Sendable, Equatable {
    /// Logits, the features at the recipe's tap, those at further taps, then the same of the strong
    /// view: for each, cloud by cloud, rows of numbers.
    package var signals: [[[[Double]]]]
    /// The parameters in the order in which they were declared: rows of numbers.
    package var parameters: [[[Double]]]

    /// All numbers in one list: first logits and features, cloud by cloud and point by point, then
    /// the other signals, then the parameters.
    package var flat: [Double] {
        get {
            let first = zip(signals[0], signals[1]).flatMap { logits, features in
                zip(logits, features).flatMap { $0 + $1 }
            }
            return first + signals.dropFirst(2).flatMap { $0.flatMap { $0.flatMap { $0 } } }
                + parameters.flatMap { $0.flatMap { $0 } }
        }
        set {
            var next = newValue.makeIterator()
            func fill(_ row: inout [Double]) {
                for place in row.indices { row[place] = next.next() ?? .nan }
            }
            for cloud in signals[0].indices {
                for row in signals[0][cloud].indices {
                    fill(&signals[0][cloud][row])
                    fill(&signals[1][cloud][row])
                }
            }
            for signal in signals.indices.dropFirst(2) {
                for cloud in signals[signal].indices {
                    for row in signals[signal][cloud].indices { fill(&signals[signal][cloud][row]) }
                }
            }
            for parameter in parameters.indices {
                for row in parameters[parameter].indices { fill(&parameters[parameter][row]) }
            }
        }
    }
}

/// The result of an objective for a mini-batch.
package struct ObjectiveOutcome: Sendable, Equatable {
    /// The sum of the shares.
    package var value: Double
    /// The gradient with respect to everything that the loss can depend on.
    package var slopes: ObjectiveVariables
    /// The same in one list, in the order of ``ObjectiveVariables/flat``.
    package var gradient: [Double] {
        get { slopes.flat }
        set { slopes.flat = newValue }
    }
}

extension ObjectiveTrial {
    /// Computes an objective as a run does, with the mini-batch divided into `shards`: all
    /// contributions (encoded as for the network), their totals, then every share.
    ///
    /// - Parameter seed: the gradient of the loss at the start of backward.
    package func outcome(
        of objective: some Objective, shards: [[Int]], seed: Float = 1
    ) throws -> ObjectiveOutcome {
        guard plan != nil else {
            return try prepared(for: objective).outcome(of: objective, shards: shards, seed: seed)
        }
        let tapes = shards.map { _ in Tape() }
        let inputs = zip(shards, tapes).map { input(of: $0, on: $1) }
        let totals = try totals(of: objective, inputs)
        var value = 0.0
        var slopes = variables.zeroed
        for ((shard, input), tape) in zip(zip(shards, inputs), tapes) {
            let share = try objective.loss(of: input, given: totals)
            value += Double(share.scalar)
            let gradients = tape.gradients(from: share, seed: Tensor(seed))
            var tensors = input.student.tensors + (input.strong?.student.tensors ?? [])
            for (signal, tensor) in tensors.enumerated() {
                guard let gradient = gradients[tensor] else { continue }
                var all = rows(of: gradient)[...]
                for cloud in shard {
                    let count = slopes.signals[signal][cloud].count
                    slopes.signals[signal][cloud] = Array(all.prefix(count))
                    all = all.dropFirst(count)
                }
            }
            tensors = input.parameters.tensors
            for (place, tensor) in tensors.enumerated() {
                guard let gradient = gradients[tensor] else { continue }
                // Added: a cloud is in one micro-shard, but all of them share the parameters.
                slopes.parameters[place] = zip(slopes.parameters[place], rows(of: gradient)).map {
                    zip($0, $1).map(+)
                }
            }
        }
        return ObjectiveOutcome(value: value, slopes: slopes)
    }

    /// The totals of the micro-shards of these inputs, after one exchange or two.
    func totals(of objective: some Objective, _ inputs: [ObjectiveInput]) throws -> Totals {
        func exchange(_ contribute: (ObjectiveInput) throws -> Contribution) throws -> Contribution
        {
            try Contribution.total(
                of: inputs.map { input in
                    let part = try contribute(input)
                    if part.tensors.contains(where: \.requiresGradient) {
                        throw ObjectiveViolation("The contribution is not made of constants.")
                    }
                    // Assembled anew from its parts, as the coordinator does with what it receives.
                    return try Contribution(
                        shape: part.shape, counts: part.counts, tensors: part.tensors)
                })
        }
        let first = Totals(try exchange { try objective.contribution(of: $0) })
        guard objective.responds else { return first }
        return Totals(
            first.whole, responses: try exchange { try objective.response(of: $0, to: first) })
    }

    /// Everything that the loss can depend on, among the requested outputs.
    package var variables: ObjectiveVariables {
        get {
            ObjectiveVariables(
                signals: parts.map { part in clouds.map { $0[keyPath: part] } },
                parameters: parameters.map(\.rows))
        }
        set {
            for (part, signal) in zip(parts, newValue.signals) {
                for cloud in clouds.indices { clouds[cloud][keyPath: part] = signal[cloud] }
            }
            for place in parameters.indices { parameters[place].rows = newValue.parameters[place] }
        }
    }

    /// The key path of each of ``ObjectiveVariables/signals`` in a cloud.
    private var parts: [WritableKeyPath<Cloud, [[Double]]>] {
        func parts(_ outputs: WritableKeyPath<Cloud, SyntheticOutputs>) -> [WritableKeyPath<
            Cloud, [[Double]]
        >] {
            let further = (plan?.studentTaps ?? []).filter { $0 != .decoder(0) }
            return [outputs.appending(path: \.logits)]
                + ([.decoder(0)] + further).map { outputs.appending(path: \.features[$0]!) }
        }
        let isStrong = plan?.needs.contains(.strongView) == true
        return parts(\.student) + (isStrong ? parts(\.strongStudent) : [])
    }

    /// The stage of the rows of each of ``ObjectiveVariables/signals``.
    var stages: [Int] {
        let further = (plan?.studentTaps ?? []).filter { $0 != .decoder(0) }.map(\.stage)
        let isStrong = plan?.needs.contains(.strongView) == true
        return [0, 0] + further + (isStrong ? [0, 0] + further : [])
    }
}

extension ObjectiveVariables {
    /// Zeros in the same shape.
    fileprivate var zeroed: ObjectiveVariables {
        let zeros: ([[Double]]) -> [[Double]] = { $0.map { $0.map { _ in 0 } } }
        return ObjectiveVariables(
            signals: signals.map { $0.map(zeros) }, parameters: parameters.map(zeros))
    }

    /// Flat directions, each of which changes one signal or one parameter only, by values of
    /// `draw`.
    func directions(_ draw: () -> Double) -> [[Double]] {
        func drawn(_ rows: [[Double]]) -> [[Double]] { rows.map { $0.map { _ in draw() } } }
        let bySignal = signals.indices.map { place in
            var direction = zeroed
            direction.signals[place] = signals[place].map { drawn($0) }
            return direction.flat
        }
        return bySignal
            + parameters.indices.map { place in
                var direction = zeroed
                direction.parameters[place] = drawn(parameters[place])
                return direction.flat
            }
    }
}
