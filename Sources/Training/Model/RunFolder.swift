/// The names of what stands in a run's folder.
public enum RunFolder {
    /// The folder of checkpoints.
    public static let checkpoints = "checkpoints"
    /// The mark of the checkpoint with the best validation.
    public static let bestMark = "best"
    /// The recipe as it was given.
    public static let recipe = "recipe.yaml"
    /// The names of the training scans whose labels are used, where not all are.
    public static let labelled = "labelled.txt"
    /// What the networks read of a point, with the numbers of every scale.
    public static let features = "features.json"
    /// The number of steps after which the run was validated last.
    public static let validated = "validated"
    /// One line of JSON a step.
    public static let steps = "steps.jsonl"
    /// One line of JSON a validation.
    public static let validations = "validations.jsonl"
    /// Event files for TensorBoard.
    public static let board = "tensorboard"
    /// Where the live page is, while it is there.
    public static let monitor = "monitor"
    /// What everybody did in the last steps, as a tracer's view reads it.
    public static let trace = "trace.json"
    /// Where the coordinator listens, while it does.
    public static let address = "address"
    /// How far the run is, in a line; written anew whenever there is progress.
    public static let progress = "progress"
    /// An empty file that the run's coordinator holds locked.
    public static let lock = "lock"
}
