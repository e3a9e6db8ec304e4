/// The names of a checkpoint's files beside those of student and optimiser.
package enum CheckpointGroups {
    /// What objectives have of their own: `objectives-00001-of-00001.safetensors`.
    package static let own = "objectives"
    /// The moving average of the student's weights.
    package static let average = "average"
    /// The moving average of what objectives have of their own.
    package static let averageOfOwn = "average-objectives"
}
