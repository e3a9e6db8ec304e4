import Networks

extension StoredModel {
    /// Throws one sentence unless the model can teach on data of so many classes, of whose points it
    /// is given so many values.
    public func checkTeacher(classes: Int, inputs: Int) throws {
        guard network.classes == classes, network.inputChannels == inputs else {
            throw ModelError(
                "The teacher \(path) reads \(network.inputChannels) values a point and knows "
                    + "\(network.classes) classes, but the data give \(inputs) and have "
                    + "\(classes): train it on the same features and classes.")
        }
    }
}
