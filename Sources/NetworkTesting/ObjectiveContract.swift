package import Distillation
import Networks
import Tensors

/// A violation of the contract of objectives.
package struct ObjectiveViolation: Error, CustomStringConvertible, Equatable {
    /// One sentence.
    package let description: String
    /// The given sentence.
    package init(_ description: String) { self.description = description }
}

/// The loss of a whole mini-batch in Float64, as directly as the formula can be written.
///
/// The check also compares every entry of the gradient with differences of the reference.
package typealias ObjectiveReference = @Sendable (ObjectiveTrial) -> Double

/// Checks the contract of objectives, and throws the first violation.
///
/// - spread over 1, 2, 3 and 5 micro-shards, value and gradient (norm and direction) are the same;
/// - the gradient is that of the whole mini-batch's value, by differences, with what the objective
///   holds constant (`ObjectiveInput.held`) held, which detects wrong factors that cosine checks miss;
///   with a reference, value and gradient are the reference's;
/// - the gradient is proportional to the gradient of the loss;
/// - two computations agree bit for bit;
/// - neither the order of points nor that of clouds matters;
/// - points without a label have no weight, or the same as others if the objective reads no labels;
///   an objective that needs only some labels has a gradient without them; the loss of a mini-batch
///   without points, or without labels where all parts need them, is 0;
/// - values of 10,000, and features of length 0, give finite results;
/// - no gradient reaches the teacher or the averaged student; where a teacher is needed and missing,
///   the error says so;
/// - totals of another objective are refused;
/// - contribution and response have the declared lengths (`exchange(for:)`), with and without points;
/// - its own parameters have distinct names, and a gradient reaches each;
/// - what it declares as needed (strong view, quarter turns, averaged student) makes a difference to its
///   loss or to what it contributes.
///
/// Gradients are taken with respect to the student's outputs at every requested tap, in both views
/// if two are requested, and to the objective's own parameters. The input has nothing else.
///
/// - Parameters:
///   - objective: the objective under test.
///   - drawsPoints: whether the objective draws points at random, by their place: orders then matter,
///     and labels may influence the draw only.
///   - reference: the loss in Float64.
package func checkObjective(
    _ objective: some Objective, drawsPoints: Bool = false, reference: ObjectiveReference? = nil
) throws {
    let check = ObjectiveCheck(
        objective: objective, trial: try ObjectiveTrial().prepared(for: objective))
    try check.splitting()
    try check.differences()
    if let reference { try check.agreement(with: reference) }
    try check.repetition()
    if !drawsPoints { try check.orders() }
    try check.labels(drawsPoints: drawsPoints)
    try check.extremes()
    try check.teacher()
    try check.totals()
    try check.parameters()
    try check.needs()
    try check.exchange()
}

struct ObjectiveCheck<Checked: Objective> {
    let objective: Checked
    let trial: ObjectiveTrial

    func fail(_ sentence: String) -> ObjectiveViolation {
        ObjectiveViolation("\(objective): \(sentence)")
    }

    func outcome(_ trial: ObjectiveTrial, shards: Int = 1) throws -> ObjectiveOutcome {
        try trial.outcome(of: objective, shards: trial.shards(shards))
    }

    /// Throws unless value and gradient agree; the sentence gives the ratio of the norms and the
    /// cosine, which tell a wrong factor from a wrong direction.
    func require(
        _ found: ObjectiveOutcome, like expected: ObjectiveOutcome, within tolerance: Double,
        _ circumstances: String
    ) throws {
        // The absolute part: a loss near 0 may be a difference of larger terms.
        let valueSlack = tolerance * expected.value.magnitude + 2e-6
        guard (found.value - expected.value).magnitude <= valueSlack else {
            throw fail("\(circumstances), the loss is \(found.value), not \(expected.value).")
        }
        let difference = zip(found.gradient, expected.gradient).map { $0 - $1 }
        guard length(difference) <= tolerance * length(expected.gradient) + 1e-9 else {
            // Both are stated, since a wrong norm with the right direction is the mistake that Adam hides.
            let cosine =
                zip(found.gradient, expected.gradient).reduce(0) { $0 + $1.0 * $1.1 }
                / (length(found.gradient) * length(expected.gradient))
            throw fail(
                "\(circumstances), the gradient's norm is "
                    + "\(length(found.gradient) / length(expected.gradient)) times the expected "
                    + "norm, the cosine between the two \(cosine).")
        }
    }

    func splitting() throws {
        let whole = try outcome(trial)
        // Uneven divisions too: a mean of means would be right for equal parts alone.
        for count in [2, 3, 5] {
            try require(
                try outcome(trial, shards: count), like: whole, within: 2e-5,
                "in \(count) micro-shards instead of 1")
        }
        // An objective that ignores the gradient it receives is right only while its weight is 1.
        var tripled = whole
        tripled.gradient = whole.gradient.map { 3 * $0 }
        try require(
            try trial.outcome(of: objective, shards: trial.shards(2), seed: 3), like: tripled,
            within: 2e-5, "with 3 as the loss's own gradient")
    }

    /// Along the gradient the value must rise by its norm, per unit of length; along a random
    /// direction, of all there is or of one signal or parameter alone, by their inner product.
    func differences() throws {
        let trial = self.trial.holding()
        let gradient = try outcome(trial, shards: 3).gradient
        let norm = length(gradient)
        // Rounding alone leaves about a millionth.
        guard norm > 1e-5 else {
            throw fail("the gradient's norm is \(norm): on this trial the objective has no effect.")
        }
        var generator = CounterGenerator(seed: 5, purpose: .init("direction"))
        let random = gradient.map { _ in Double(generator.normal()) }
        // Each variable by itself too: a large gradient of the logits would hide a wrong one of the features.
        let apart = trial.variables.directions { Double(generator.normal()) }
        for direction in [gradient, random] + apart where length(direction) > 0 {
            let unit = direction.map { $0 / length(direction) }
            let step = 4e-3
            var values: [Double] = []
            // Central differences: their error falls with the square of the step, which Float32 keeps large.
            for side in [step, -step] {
                var moved = trial
                moved.variables.flat = zip(trial.variables.flat, unit).map { $0 + side * $1 }
                values.append(try outcome(moved, shards: 3).value)
            }
            let slope = (values[0] - values[1]) / (2 * step)
            let promised = zip(gradient, unit).reduce(0) { $0 + $1.0 * $1.1 }
            guard (slope - promised).magnitude <= 0.02 * norm + 1e-4 else {
                throw fail(
                    "along a direction the loss rises by \(slope) a unit, but the gradient "
                        + "promises \(promised).")
            }
        }
    }

    func agreement(with reference: ObjectiveReference) throws {
        let trial = self.trial.holding()
        let values = trial.variables.flat
        var gradient: [Double] = []
        // The reference computes in Float64, so the step may be small and every entry is compared.
        let step = 1e-5
        for index in values.indices {
            var moved = trial
            var changed = values
            changed[index] += step
            moved.variables.flat = changed
            let above = reference(moved)
            changed[index] = values[index] - step
            moved.variables.flat = changed
            gradient.append((above - reference(moved)) / (2 * step))
        }
        var expected = ObjectiveOutcome(value: reference(trial), slopes: trial.variables)
        expected.gradient = gradient
        for count in [1, 2, 3, 5] {
            try require(
                try outcome(trial, shards: count), like: expected, within: 1e-5,
                "in \(count) micro-shards beside the Float64 reference")
        }
    }

    func repetition() throws {
        guard try outcome(trial, shards: 3) == outcome(trial, shards: 3) else {
            throw fail("a repetition computes other bits.")
        }
    }

    func orders() throws {
        let expected = try outcome(trial, shards: 2)
        var reversed = trial
        for cloud in reversed.clouds.indices { reversed.clouds[cloud].reversePoints() }
        var found = try outcome(reversed, shards: 2)
        for (signal, stage) in trial.stages.enumerated() where stage == 0 {
            for cloud in trial.clouds.indices { found.slopes.signals[signal][cloud].reverse() }
        }
        try require(found, like: expected, within: 1e-5, "with the points of each cloud reversed")

        var shuffled = trial
        shuffled.clouds.reverse()
        for place in shuffled.clouds.indices { shuffled.clouds[place].place = place }
        found = try outcome(shuffled, shards: 2)
        for signal in found.slopes.signals.indices { found.slopes.signals[signal].reverse() }
        try require(found, like: expected, within: 1e-5, "with the clouds reversed")
    }

    func labels(drawsPoints: Bool) throws {
        let expected = try outcome(trial, shards: 2)
        guard !objective.needs.contains(.someLabels) else {
            var other = trial
            other.forgetLabels()
            let found = try outcome(other, shards: 2)
            guard found.value.isFinite, drawsPoints || found != expected else {
                throw fail("the loss without labels is \(found.value), as with labels.")
            }
            guard length(found.gradient) > 0 else {
                throw fail("the gradient without labels is 0: declare that all labels are needed.")
            }
            return
        }
        guard objective.needs.contains(.labels) else {
            var other = trial
            other.forgetLabels()
            guard try outcome(other, shards: 2) == expected else {
                throw fail("labels influence the loss, but are not declared as needed.")
            }
            return
        }
        var other = trial
        for cloud in other.clouds.indices {
            for (row, label) in other.clouds[cloud].labels.enumerated() where label < 0 {
                let threes = [Double](repeating: 3, count: trial.classes)
                other.clouds[cloud].student.logits[row] = threes
                other.clouds[cloud].strongStudent.logits[row] = threes
            }
        }
        guard try outcome(other, shards: 2) == expected else {
            throw fail("points without a label count.")
        }
        other.forgetLabels()
        let nothing = try outcome(other, shards: 2)
        guard nothing.value == 0, nothing.gradient.allSatisfy({ $0 == 0 }) else {
            throw fail("a mini-batch without labels has a loss of \(nothing.value), not 0.")
        }
    }

    func extremes() throws {
        var extreme = trial
        for cloud in extreme.clouds.indices {
            extreme.clouds[cloud].mapNumbers { $0 < 0 ? -1e4 : 1e4 }
            // A row of zeros has no direction, and its norm must not divide.
            extreme.clouds[cloud].studentFeatures[0] = extreme.clouds[cloud].studentFeatures[0]
                .map { _ in 0 }
        }
        let found = try outcome(extreme, shards: 2)
        guard found.value.isFinite, found.gradient.allSatisfy(\.isFinite) else {
            throw fail("values of 10,000 overflow: the loss is \(found.value).")
        }
        let empty = try outcome(
            ObjectiveTrial(sizes: [0, 0]).prepared(for: objective), shards: 2)
        guard empty.value == 0 else {
            throw fail("a mini-batch without points has a loss of \(empty.value), not 0.")
        }
    }

    func teacher() throws {
        let tape = Tape()
        defer { withExtendedLifetime(tape) {} }
        let input = trial.input(of: trial.shards(1)[0], on: tape)
        let constants = [input.teacher, input.strong?.teacher, input.average?.student]
        guard constants.allSatisfy({ $0?.tensors.contains(where: \.requiresGradient) != true })
        else { throw fail("a gradient could reach the teacher.") }
        var alone = ObjectiveTrial()
        alone.hasTeacher = false
        do {
            alone = try alone.prepared(for: objective)
            _ = try objective.contribution(of: alone.input(of: trial.shards(1)[0], on: tape))
        } catch let error as ObjectiveError {
            guard !objective.needs.isDisjoint(with: .teacher) else {
                throw fail(
                    "it fails without a teacher (\(error)), but declares that it needs none.")
            }
            return
        }
        guard objective.needs.isDisjoint(with: .teacher) else {
            throw fail("it needs a teacher, but reports no error without one.")
        }
    }

    func length(_ vector: [Double]) -> Double {
        vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
}

extension ObjectiveTrial {
    fileprivate mutating func forgetLabels() {
        for cloud in clouds.indices {
            clouds[cloud].labels = clouds[cloud].labels.map { _ in ObjectiveInput.ignored }
        }
    }
}

extension ObjectiveTrial.Cloud {
    /// The same cloud with its points in reverse; coarser stages stay as they are.
    fileprivate mutating func reversePoints() {
        labels.reverse()
        cells.reverse()
        positions.reverse()
        student.reversePoints()
        teacher.reversePoints()
        strongStudent.reversePoints()
        strongTeacher.reversePoints()
        average.reversePoints()
    }

    mutating func mapNumbers(_ change: (Double) -> Double) {
        student.mapNumbers(change)
        teacher.mapNumbers(change)
        strongStudent.mapNumbers(change)
        strongTeacher.mapNumbers(change)
        average.mapNumbers(change)
    }
}

extension ObjectiveTrial.SyntheticOutputs {
    fileprivate mutating func reversePoints() {
        logits.reverse()
        for tap in ObjectiveTrial.taps where tap.stage == 0 {
            features[tap]?.reverse()
            auxiliary[tap]?.reverse()
        }
    }

    mutating func mapNumbers(_ change: (Double) -> Double) {
        func all(_ rows: [[Double]]) -> [[Double]] { rows.map { $0.map(change) } }
        logits = all(logits)
        features = features.mapValues(all)
        auxiliary = auxiliary.mapValues(all)
    }
}
