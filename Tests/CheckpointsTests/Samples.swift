import Checkpoints
import Tensors

/// Small checkpoints to save and load.
enum Samples {
    static func state(step: Int, epoch: UInt64 = 1) -> CheckpointState {
        CheckpointState(
            runID: "00112233445566778899aabbccddeeff", epoch: epoch, step: step, pass: 2,
            cursor: 17, seed: .max, recipe: "steps: 10\n# “é” \\ /\n", toolVersion: "0.1.0",
            numerics: NumericsFingerprint(
                blasCore: "SkylakeX", kernels: "v4", canary: "0123abcd"),
            best: BestMetric(name: "mIoU", value: 0.1 + 0.2, step: step))
    }

    static func weights(_ names: [String], seed: Int) -> Weights {
        Weights(
            names.enumerated().map { place, name in
                let shape = [place + 1, 3]
                let values = (0..<3 * (place + 1)).map { Float($0 * 7 + seed) / 3 }
                return NamedTensor(
                    name: name, shape: shape,
                    tensor: Tensor(rows: shape[0], columns: shape[1], values))
            })
    }

    static func checkpoint(step: Int, epoch: UInt64 = 1, seed: Int? = nil) -> Checkpoint {
        let seed = seed ?? step
        return Checkpoint(
            state: state(step: step, epoch: epoch),
            // Not sorted by name: the network's order must be kept.
            model: weights(["stem.weight", "enc.b.weight", "enc.a.weight", "z"], seed: seed),
            optimizer: weights(["stem.weight.m", "stem.weight.v"], seed: seed + 100),
            extras: ["heads": weights(["h"], seed: seed + 200), "projectors": Weights()])
    }

    /// A checkpoint of few files: the student in two, the optimiser in one.
    static func small(step: Int, seed: Int? = nil) -> Checkpoint {
        Checkpoint(
            state: state(step: step), model: weights(["b", "a"], seed: seed ?? step),
            optimizer: Weights())
    }

    /// Whether two checkpoints have equal bits and the same order of tensors.
    static func equal(_ first: Checkpoint, _ second: Checkpoint) -> Bool {
        func same(_ first: Weights, _ second: Weights) -> Bool {
            first.names == second.names
                && zip(first, second).allSatisfy {
                    $0.shape == $1.shape && $0.tensor.rows == $1.tensor.rows
                        && $0.tensor.values.map(\.bitPattern) == $1.tensor.values.map(\.bitPattern)
                }
        }
        return first.state == second.state && same(first.model, second.model)
            && same(first.optimizer, second.optimizer)
            && first.extras.keys.sorted() == second.extras.keys.sorted()
            && first.extras.allSatisfy { same($0.value, second.extras[$0.key] ?? Weights()) }
    }
}
