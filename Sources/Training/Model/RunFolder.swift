/// Names of files and folders in a run's folder.
package enum RunFolder {
    /// The folder of checkpoints.
    package static let checkpoints = "checkpoints"
    /// The link to the checkpoint with the best validation.
    package static let bestMark = "best"
    /// The recipe as it was given.
    package static let recipe = "recipe.yaml"
    /// The names of the training scans whose labels are used, if not all are.
    package static let labelled = "labelled.txt"
    /// The features that the networks read, with the numbers of every scale.
    package static let features = "features.json"
    /// The grid, features, classes and reading options of the data, as an exported model has them.
    package static let card = "card.json"
    /// The number of steps before the last validation.
    package static let validated = "validated"
    /// One line of JSON per step.
    package static let steps = "steps.jsonl"
    /// One line of JSON per validation.
    package static let validations = "validations.jsonl"
    /// Event files for TensorBoard.
    package static let board = "tensorboard"
    /// The address of the live page, while it is served.
    package static let monitor = "monitor"
    /// The trace of the last steps on all machines, for a trace viewer.
    package static let trace = "trace.json"
    /// The address of the coordinator, while it listens.
    package static let address = "address"
    /// The progress of the run in one line, rewritten at every step.
    package static let progress = "progress"
    /// An empty file that the run's coordinator holds locked.
    package static let lock = "lock"
}
