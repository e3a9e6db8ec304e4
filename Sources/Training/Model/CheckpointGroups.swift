/// Names of a checkpoint's groups of files beside those of student and optimiser.
package enum CheckpointGroups {
    /// The objectives' parameters: `objectives-00001-of-00001.safetensors`.
    package static let own = "objectives"
    /// The moving average of the student's weights.
    package static let average = "average"
    /// The moving average of the objectives' parameters.
    package static let averageOfOwn = "average-objectives"
}
