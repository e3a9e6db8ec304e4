package import Files
package import Tensors

/// A snapshot of a run.
///
/// Tensors are shared and immutable, so another thread can write a checkpoint while training
/// continues.
package struct Checkpoint: Sendable {
    /// The run's state apart from its tensors.
    package var state: CheckpointState
    /// The student: its parameters and running statistics, in the network's order.
    package var model: Weights
    /// The optimiser's moments for each parameter.
    package var optimizer: Weights
    /// Trained tensors that do not belong to the student (auxiliary heads, projectors), by group.
    ///
    /// A group's name is part of its files' names: lower-case letters, digits, `-` and `_`.
    package var extras: [String: Weights]

    /// A checkpoint.
    package init(
        state: CheckpointState, model: Weights, optimizer: Weights, extras: [String: Weights] = [:]
    ) {
        self.state = state
        self.model = model
        self.optimizer = optimizer
        self.extras = extras
    }

    /// The name of the student's files.
    static let modelGroup = "model"
    /// The name of the optimiser's files.
    static let optimizerGroup = "optimizer"

    /// The groups of tensors: the student, the optimiser, then the others by name.
    var groups: [(name: String, weights: Weights)] {
        var groups = [(name: Checkpoint.modelGroup, weights: model)]
        groups.append((name: Checkpoint.optimizerGroup, weights: optimizer))
        for (name, weights) in extras.sorted(by: { WeightsDigest.precedes($0.key, $1.key) }) {
            groups.append((name: name, weights: weights))
        }
        return groups
    }

    /// A hash of the names, shapes and bits of all tensors.
    ///
    /// The hash does not depend on the order of the tensors or their distribution over files.
    package var digest: SHA256 {
        var digest = WeightsDigest()
        for group in groups {
            digest.begin(group: group.name, count: group.weights.count)
            for entry in group.weights.sorted(by: { WeightsDigest.precedes($0.name, $1.name) }) {
                digest.add(entry)
            }
        }
        return digest.value
    }
}

extension Weights {
    /// A hash of the names, shapes and bits of the tensors, independent of their order.
    package var digest: SHA256 {
        var digest = WeightsDigest()
        digest.begin(group: Checkpoint.modelGroup, count: count)
        for entry in sorted(by: { WeightsDigest.precedes($0.name, $1.name) }) { digest.add(entry) }
        return digest.value
    }
}

/// A hasher of named tensors: groups in their given order, tensors by the bytes of their names.
///
/// The input of the hash is the tag `denju weights 1`; for each group its name and the number of
/// its tensors; for each tensor its name, the number of dimensions, the dimensions, and its values
/// as little-endian Float32. Counts are 64 bits, little-endian; a name follows the length of its
/// UTF-8.
struct WeightsDigest {
    private var hasher = SHA256.Hasher()

    init() { hasher.update(Array("denju weights 1".utf8)) }

    /// The order of tensors and groups.
    static func precedes(_ first: String, _ second: String) -> Bool {
        first.utf8.lexicographicallyPrecedes(second.utf8)
    }

    mutating func begin(group: String, count: Int) {
        add(group)
        add(count)
    }

    mutating func add(_ entry: NamedTensor) {
        add(entry.name)
        add(entry.shape.count)
        for size in entry.shape { add(size) }
        entry.tensor.withBytes { hasher.update($0) }
    }

    var value: SHA256 { hasher.finalize() }

    private mutating func add(_ number: Int) {
        hasher.update((0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) })
    }

    private mutating func add(_ text: String) {
        add(text.utf8.count)
        hasher.update(Array(text.utf8))
    }
}
