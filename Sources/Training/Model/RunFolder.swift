/// The names of what stands in a run's folder.
package enum RunFolder {
    /// The folder of checkpoints.
    package static let checkpoints = "checkpoints"
    /// The mark of the checkpoint with the best validation.
    package static let bestMark = "best"
    /// The recipe as it was given.
    package static let recipe = "recipe.yaml"
    /// The names of the training scans whose labels are used, where not all are.
    package static let labelled = "labelled.txt"
    /// What the networks read of a point, with the numbers of every scale.
    package static let features = "features.json"
    /// The number of steps after which the run was validated last.
    package static let validated = "validated"
    /// One line of JSON a step.
    package static let steps = "steps.jsonl"
    /// One line of JSON a validation.
    package static let validations = "validations.jsonl"
    /// Event files for TensorBoard.
    package static let board = "tensorboard"
    /// Where the live page is, while it is there.
    package static let monitor = "monitor"
    /// What everybody did in the last steps, as a tracer's view reads it.
    package static let trace = "trace.json"
    /// Where the coordinator listens, while it does.
    package static let address = "address"
    /// How far the run is, in a line; written anew whenever there is progress.
    package static let progress = "progress"
    /// An empty file that the run's coordinator holds locked.
    package static let lock = "lock"
}
