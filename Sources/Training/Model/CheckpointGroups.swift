/// The names of a checkpoint's files beside those of student and optimiser.
public enum CheckpointGroups {
    /// What objectives have of their own: `objectives-00001-of-00001.safetensors`.
    public static let own = "objectives"
    /// The moving average of the student's weights.
    public static let average = "average"
    /// The moving average of what objectives have of their own.
    public static let averageOfOwn = "average-objectives"
}
