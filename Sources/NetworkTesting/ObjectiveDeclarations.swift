import Distillation
import Networks
import Tensors

// What an objective declares, compared with what it does.

extension ObjectiveCheck {
    func parameters() throws {
        let names = trial.parameters.map(\.name)
        guard Set(names).count == names.count, names.allSatisfy({ !$0.isEmpty }) else {
            throw fail("two parameters have the same name: \(names).")
        }
        let tape = Tape()
        let input = trial.input(of: trial.shards(1)[0], on: tape)
        let totals = try trial.totals(of: objective, [input])
        let gradients = tape.gradients(from: try objective.loss(of: input, given: totals))
        for (name, tensor) in zip(names, input.parameters.tensors) {
            guard gradients[tensor] != nil else {
                throw fail("no gradient reaches the parameter \(name).")
            }
        }
        let metrics = try objective.metrics(
            given: totals, parameters: input.parameters.detached, step: trial.step)
        guard Set(metrics.map(\.name)).count == metrics.count,
            metrics.allSatisfy({ $0.value.isFinite })
        else { throw fail("the metrics are not finite numbers with distinct names: \(metrics).") }
    }

    func needs() throws {
        /// The contribution and the outcome of a trial.
        func results(_ trial: ObjectiveTrial) throws -> (
            counts: [Double], outcome: ObjectiveOutcome
        ) {
            let tape = Tape()
            defer { withExtendedLifetime(tape) {} }
            let input = trial.input(of: trial.shards(1)[0], on: tape)
            return (
                try objective.contribution(of: input).counts, try outcome(trial, shards: 2)
            )
        }
        let expected = try results(trial)
        // Each need is computed in every step, so that an unused one costs time for nothing.
        func demand(_ need: Needs, _ words: String, _ change: (inout ObjectiveTrial.Cloud) -> Void)
            throws
        {
            guard objective.needs.contains(need) else { return }
            var other = trial
            for cloud in other.clouds.indices { change(&other.clouds[cloud]) }
            guard try results(other) != expected else {
                throw fail("it requests \(words), which changes nothing.")
            }
        }
        try demand(.strongView, "a strong view") { $0.strongStudent.mapNumbers { $0 + 0.5 * $0 } }
        try demand(.quarterTurns, "quarter turns") { $0.quarterTurns = ($0.quarterTurns + 1) % 4 }
        try demand(.average, "the averaged student") { $0.average.mapNumbers { $0 + 0.5 * $0 } }
        try demand(.teacherAuxiliary, "auxiliary heads") {
            $0.teacher.auxiliary = $0.teacher.auxiliary.mapValues { $0.map { $0.map { 2 * $0 } } }
        }
    }

    func exchange() throws {
        for sizes in [nil, [0, 0]] as [[Int]?] {
            let trial = try sizes.map { try ObjectiveTrial(sizes: $0).prepared(for: objective) }
            let checked = trial ?? self.trial
            let form = try objective.exchange(for: checked.pair)
            let tape = Tape()
            defer { withExtendedLifetime(tape) {} }
            let inputs = checked.shards(2).map { checked.input(of: $0, on: tape) }
            let contributions = try inputs.map { try objective.contribution(of: $0) }
            guard contributions.allSatisfy(form.contribution.fits) else {
                throw fail(
                    "it contributes \(contributions[0].shape), which is not the declared form "
                        + "\(form.contribution).")
            }
            guard objective.responds else { continue }
            let totals = Totals(try Contribution.total(of: contributions))
            let responses = try inputs.map { try objective.response(of: $0, to: totals) }
            guard responses.allSatisfy(form.response.fits) else {
                throw fail(
                    "it responds \(responses[0].shape), which is not the declared form "
                        + "\(form.response).")
            }
        }
    }

    func totals() throws {
        guard objective.exchanges else { return }
        let wrong = Contribution(
            counts: [1, 1, 1, 1, 1, 1, 1], gathered: [.init(place: 0, tensor: Tensor(1))])
        let tape = Tape()
        defer { withExtendedLifetime(tape) {} }
        let input = trial.input(of: trial.shards(1)[0], on: tape)
        do {
            _ = try objective.loss(of: input, given: Totals(wrong))
        } catch is ObjectiveError {
            return
        }
        throw fail("it accepts the totals of another objective.")
    }
}
