public import Checkpoints
import Yams

extension Recipe {
    /// The recipe's text with everything filled in that only data, files and command line told:
    /// classes, inputs, steps, seed, the network of a stored student, and which knowledge pack it is
    /// that holds everything.
    ///
    /// What workers and checkpoints get.
    public func resolved(
        classes: Int, inputs: Int, packDigest: SHA256? = nil
    ) throws -> String {
        guard let root = try compose(yaml: text), var top = root.mapping else { return text }
        guard var section = try student.node().mapping else { return text }
        if let model = student.model {
            section[Node(RecipeNodeBox.modelKey)] = Node(model, Tag(.str))
        }
        section[Node("num_classes")] = Node("\(classes)", Tag(.int))
        section[Node("in_channels")] = Node("\(inputs)", Tag(.int))
        top[Node("student")] = .mapping(section)
        if let packDigest, var teacher = top[Node("teacher")]?.mapping {
            teacher[Node(TeacherSettings.packDigestKey)] = Node(packDigest.hex, Tag(.str))
            top[Node("teacher")] = .mapping(teacher)
        }
        if let classes = try data.classNode, var section = top[Node("data")]?.mapping {
            section[Node("classes")] = classes
            top[Node("data")] = .mapping(section)
        }
        top[Node("steps")] = Node("\(steps)", Tag(.int))
        top[Node("seed")] = Node("\(seed)", Tag(.int))
        return try serialize(node: .mapping(top))
    }
}
