package import Checkpoints
import Networks
package import Tensors

// Between a learner and what lies on disk.

extension Learner {
    /// The initial learner of a run: drawn from the seed, or the stored model that its recipe begins with.
    ///
    /// Objectives' parameters of the stored model are adopted if this run's objectives have parameters of
    /// the same name and shape.
    ///
    /// - Parameter note: receives warnings about the stored model.
    package init(
        beginning recipe: Recipe, _ parameters: RunParameters, note: (String) -> Void
    ) throws {
        let network = parameters.network
        var own = Weights(initially: parameters.own, seed: recipe.seed)
        guard let path = recipe.studentModel else {
            self.init(
                parameters, weights: network.initialWeights(seed: recipe.seed), own: own,
                optimiser: recipe.optimiser, average: recipe.average)
            return
        }
        let model = try StoredModel(path)
        for warning in model.warnings { note(warning) }
        let weights: Weights
        do {
            weights = try network.adopting(model.weights)
        } catch {
            throw ModelError("The student cannot begin with \(path): \(error)")
        }
        for place in own.indices {
            // Heads trained in a first phase continue in the second one instead of beginning at random.
            if let stored = model.own.place(of: own[place].name).map({ model.own[$0] }),
                stored.shape == own[place].shape
            {
                own[place].tensor = stored.tensor
            }
        }
        note("the student begins with \(path)")
        self.init(
            parameters, weights: weights, own: own, optimiser: recipe.optimiser,
            average: recipe.average)
    }

    /// The learner of a checkpoint.
    ///
    /// Throws one sentence if it was trained with other objectives or another network.
    package init(
        resuming checkpoint: Checkpoint, _ parameters: RunParameters,
        optimiser: OptimiserSettings, average: Double?
    ) throws {
        let network = parameters.network
        func own(_ group: String) throws -> Weights {
            do {
                return try Weights(
                    adopting: checkpoint.extras[group] ?? Weights(), for: parameters.own)
            } catch {
                throw ModelError("What the checkpoint keeps for its objectives: \(error)")
            }
        }
        let averaged = try checkpoint.extras[CheckpointGroups.average].map {
            (student: try network.adopting($0), own: try own(CheckpointGroups.averageOfOwn))
        }
        try self.init(
            parameters, weights: network.adopting(checkpoint.model),
            own: own(CheckpointGroups.own), moments: checkpoint.optimizer, averaged: averaged,
            version: checkpoint.state.step, optimiser: optimiser, average: average)
    }

    /// The parts of a checkpoint beside student and optimiser: objectives' parameters and moving averages.
    package var extras: [String: Weights] {
        var extras: [String: Weights] = [:]
        let hasOwn = !parameters.own.isEmpty
        if hasOwn { extras[CheckpointGroups.own] = ownWeights }
        if let averaged = averagedWeights {
            extras[CheckpointGroups.average] = averaged.student
            if hasOwn { extras[CheckpointGroups.averageOfOwn] = averaged.own }
        }
        return extras
    }
}
