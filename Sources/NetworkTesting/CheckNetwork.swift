package import Networks
import PointClouds
import Tensors

/// A violation of the contract of networks, in one sentence.
package struct NetworkContractViolation: Error, CustomStringConvertible {
    /// The sentence.
    package let description: String
}

/// Checks the properties of a network that the other modules rely on.
///
/// - parameters have distinct names, and first weights that depend on the seed alone;
/// - in evaluation nothing is recorded on a tape, a repetition gives the same bits, so does a team
///   of threads, and a cloud's scores do not depend on the other clouds;
/// - every tap has features of the announced rows and width;
/// - in training a repetition gives the same bits, the moments of every batch normalisation are
///   collected under its path, and gradients reach every trained parameter;
/// - the gradient is that of the scores (a directional derivative by finite differences).
///
/// - Parameter voxels: sizes of the clouds of the trial, at least two.
/// - Throws: ``NetworkContractViolation`` for the first violated rule.
package func checkNetwork(_ network: some Network, voxels: [Int] = [150, 90]) throws {
    precondition(voxels.count >= 2, "The trial of a network needs at least two clouds.")
    let trial = try NetworkTrial(network, voxels: voxels)
    try trial.checkParameters()
    try trial.checkEvaluation()
    try trial.checkIndependenceOfClouds()
    try trial.checkTraining()
    try trial.checkGradient()
}

struct NetworkTrial<Tried: Network> {
    let network: Tried
    let voxels: [Int]
    let scene: Scene
    let weights: Weights

    init(_ network: Tried, voxels: [Int]) throws {
        self.network = network
        self.voxels = voxels
        scene = try Scene(for: network, voxels: voxels, seed: 1)
        weights = network.initialWeights(seed: 1)
    }

    func require(_ holds: Bool, _ sentence: @autoclosure () -> String) throws {
        if !holds { throw NetworkContractViolation(description: sentence()) }
    }

    func checkParameters() throws {
        var names: Set<String> = []
        for specification in network.specifications {
            let name = specification.name
            try require(names.insert(name).inserted, "Two parameters have the name \(name).")
            try require(
                !name.isEmpty && specification.count > 0, "The parameter '\(name)' has no values.")
        }
        try require(network.parameterCount > 0, "The network has no trained parameters.")
        let again = network.initialWeights(seed: 1)
        try require(
            weights.names == network.specifications.map(\.name),
            "The first weights are not in the order of the specifications.")
        try require(
            zip(weights, again).allSatisfy { sameBits($0.tensor, $1.tensor) },
            "Two first weights of one seed differ.")
        let other = network.initialWeights(seed: 2)
        try require(
            !zip(weights, other).allSatisfy { sameBits($0.tensor, $1.tensor) },
            "The first weights do not depend on the seed.")
    }

    func checkEvaluation() throws {
        let taps = network.taps.map(\.tap)
        let outputs = network(scene, ForwardContext(.evaluation, of: network, weights, taps: taps))
        try checkScores(outputs.logits)
        try require(
            !outputs.logits.requiresGradient,
            "A forward computation without a tape records the scores on one.")
        for tap in network.taps {
            let features = outputs.features(at: tap.tap)
            let rows = scene.hierarchy.stages[tap.tap.stage].rows
            try require(
                features.rows == rows && features.columns == tap.width,
                "Tap \(tap.tap) has \(features.rows) x \(features.columns) features, not "
                    + "\(rows) x \(tap.width).")
        }
        let context = ForwardContext(.evaluation, of: network, weights)
        let again = network(scene, context).logits
        // Moments update the running statistics: labelling a scan would change the model.
        try require(context.moments.isEmpty, "Evaluation collects moments.")
        try require(
            sameBits(again, outputs.logits),
            "Evaluation computes other bits when it is repeated, or without taps.")
        // The smallest grain forces every operation to divide its rows, whatever their number.
        let shared = ThreadTeam(threads: 3, leastWork: 1, grain: 1).working {
            network(scene, ForwardContext(.evaluation, of: network, weights)).logits
        }
        try require(
            sameBits(shared, outputs.logits), "A team of threads computes other bits than one.")
    }

    func checkScores(_ logits: Tensor) throws {
        try require(
            logits.rows == voxels.reduce(0, +) && logits.columns == network.classes,
            "The scores are \(logits.rows) x \(logits.columns), not \(voxels.reduce(0, +)) x "
                + "\(network.classes).")
        try require(logits.values.allSatisfy(\.isFinite), "Some scores are not finite.")
    }

    func checkIndependenceOfClouds() throws {
        let together = network(scene, ForwardContext(.evaluation, of: network, weights)).logits
            .values
        let alone = try Scene(for: network, voxels: [voxels[0]], seed: 1)
        let first = network(alone, ForwardContext(.evaluation, of: network, weights)).logits.values
        let scale = first.reduce(0) { max($0, $1.magnitude) }
        let difference = zip(first, together).reduce(0) { max($0, ($1.0 - $1.1).magnitude) }
        try require(
            difference <= 1e-5 * scale,
            "In evaluation a cloud's scores change by \(difference) beside another cloud.")
    }

    func checkTraining() throws {
        let mode = trainingMode(step: 0)
        let contexts = [
            ForwardContext(mode, of: network, weights), ForwardContext(mode, of: network, weights),
        ]
        let logits = contexts.map { network(scene, $0).logits }
        try checkScores(logits[0])
        try require(
            sameBits(logits[0], logits[1]), "Training computes other bits when it is repeated.")
        let normalised = network.specifications.filter { $0.role == .runningMean }.map(\.name)
        try require(
            Set(contexts[0].moments.map { $0.path + ".running_mean" }) == Set(normalised)
                // A set alone would hide a path that was collected twice.
                && contexts[0].moments.count == normalised.count,
            "The moments of some batch normalisation are not collected, or twice.")
        try checkGradientsArrive()
    }

    /// Several steps are tried, since a branch that all clouds skip has no gradient.
    private func checkGradientsArrive() throws {
        var silent = Set(network.specifications.filter(\.isTrained).map(\.name))
        for step in 0..<20 where !silent.isEmpty {
            let tape = Tape()
            let context = ForwardContext(trainingMode(step: step), of: network, weights, on: tape)
            let logits = network(scene, context).logits
            let gradients = tape.gradients(from: logits, seed: direction(like: logits))
            for (name, variable) in context.variables {
                guard let gradient = gradients[variable] else { continue }
                try require(
                    gradient.rows == variable.rows && gradient.columns == variable.columns,
                    "The gradient of \(name) has another shape.")
                try require(
                    gradient.values.allSatisfy(\.isFinite), "The gradient of \(name) is not finite."
                )
                silent.remove(name)
            }
        }
        try require(
            silent.isEmpty,
            "No gradient reaches \(silent.sorted().prefix(3).joined(separator: ", ")).")
    }

    func trainingMode(step: Int) -> ForwardContext.Mode {
        .training(seed: 7, step: step, samples: voxels.indices.map { UInt64($0) + 100 })
    }
}
