/// The names of what stands in a run's folder.
public enum RunFolder {
    /// The folder of checkpoints.
    public static let checkpoints = "checkpoints"
    /// The mark of the checkpoint with the best validation.
    public static let bestMark = "best"
    /// The recipe as it was given.
    public static let recipe = "recipe.yaml"
    /// One line of JSON a step.
    public static let steps = "steps.jsonl"
    /// Where the coordinator listens, while it does.
    public static let address = "address"
    /// An empty file that the run's coordinator holds locked.
    public static let lock = "lock"
}
