import Datasets
package import Files
import Networks
import Yams

extension Recipe {
    /// The recipe's text completed by data, files and command line: classes, inputs, steps, seed, the
    /// network of a stored student, the digest of a complete knowledge pack, the scales of features, and the
    /// labelled scans if they were chosen by class.
    ///
    /// Sent to workers and stored in checkpoints.
    package func resolved(
        classes: Int, inputs: Int, packDigest: SHA256? = nil
    ) throws -> String {
        guard let root = try compose(yaml: text), var top = root.mapping else { return text }
        guard var section = try student.node().mapping else { return text }
        if let model = student.model {
            section[Node(NetworkSection.modelKey)] = Node(model, Tag(.str))
        }
        section[Node(NetworkRecipe.classesKey)] = Node("\(classes)", Tag(.int))
        section[Node(NetworkRecipe.inputChannelsKey)] = Node("\(inputs)", Tag(.int))
        top[Node("student")] = .mapping(section)
        top[Node("features")] = studentFeatures.node(explicit: false)
        if var section = top[Node("teacher")]?.mapping {
            if let packDigest {
                section[Node(TeacherSettings.packDigestKey)] = Node(packDigest.hex, Tag(.str))
            }
            if let classes = teacher?.classes {
                section[Node(TeacherSettings.classesKey)] = .mapping(
                    Node.Mapping(
                        classes.sorted { $0.key < $1.key }.map {
                            (Node($0.key, Tag(.str)), Node($0.value, Tag(.str)))
                        }))
            }
            section[Node(TeacherSettings.featuresKey)] = teacher?.features?.node(explicit: true)
            top[Node("teacher")] = .mapping(section)
        }
        if var section = top[Node("data")]?.mapping {
            if let classes = try data.classNode { section[Node("classes")] = classes }
            section[Node("labelled")] = try data.labelled.flatMap {
                try compose(yaml: YAMLEncoder().encode($0))
            }
            top[Node("data")] = .mapping(section)
        }
        // The command line may have replaced steps and seed; workers and resumed runs must get the same.
        top[Node("steps")] = Node("\(steps)", Tag(.int))
        top[Node("seed")] = Node("\(seed)", Tag(.int))
        return try serialize(node: .mapping(top))
    }
}
