import CheckpointTesting
import Checkpoints
import Files
import Foundation
import Networks
import Reporting
import Tensors
import Training

/// Small checkpoints on a simulated disk that crashes at every operation.
struct CheckpointTrial {
    /// The content of the folder when a save begins.
    enum Scene: String, CaseIterable {
        case first = "of the first step"
        case next = "of a later step"
        case again = "of the same step again"
    }

    /// The outcomes of the interrupted saves of one scene.
    struct Crashes: Encodable {
        let scene: String
        var operations = 0
        var states = 0
        var old = 0
        var new = 0
        var neither = 0
    }

    /// The results of flipping the bits of one file.
    struct Flips: Encodable {
        let file: String
        let bytes: Int
        var bits = 0
        var undetected = 0
    }

    private static let durabilities: [SimulatedDisk.Durability] =
        [.synchronizedOnly, .everything] + (0..<8).map { .some(seed: $0) }

    private func checkpoint(step: Int, seed: Int) -> Checkpoint {
        func weights(_ names: [String]) -> Weights {
            Weights(
                names.enumerated().map { place, name in
                    let values = (0..<6).map { Float(7 * $0 + 3 * place + seed) / 3 }
                    return NamedTensor(
                        name: name, shape: [2, 3], tensor: Tensor(rows: 2, columns: 3, values))
                })
        }
        return Checkpoint(
            state: CheckpointState(
                runID: "00112233445566778899aabbccddeeff", epoch: 1, step: step, pass: 0, cursor: 0,
                seed: 1, recipe: "steps: 10\n", toolVersion: "bench",
                numerics: NumericsFingerprint(blasCore: "", kernels: "", canary: "")),
            model: weights(["a", "b"]), optimizer: weights(["a.first", "a.second"]))
    }

    private func store(on disk: SimulatedDisk) -> CheckpointStore {
        // Small shards give several files, and keeping one checkpoint makes the removal of the
        // previous one part of the interrupted work.
        CheckpointStore("c", shardBytes: 30, retention: Retention(keepLast: 1), fileSystem: disk)
    }

    /// Interrupts a save before each of its operations.
    func crashes(in scene: Scene) throws -> Crashes {
        let new = checkpoint(step: 2, seed: 2)
        let old: Checkpoint? =
            switch scene {
            case .first: nil
            case .next: checkpoint(step: 1, seed: 1)
            // Other values at the same step: equal checkpoints could not be told apart below.
            case .again: checkpoint(step: 2, seed: 9)
            }
        var crashes = Crashes(scene: scene.rawValue)
        crashes.operations = try FaultSweep.crash(keeping: Self.durabilities) { disk in
            let store = store(on: disk)
            _ = try store.prepare()
            if let old { _ = try store.save(old) }
            return store
        } work: { store in
            _ = try store.save(new)
        } examine: { _, store, _ in
            crashes.states += 1
            switch Result(catching: { try store.latestGood()?.checkpoint.digest }) {
            case .success(new.digest): crashes.new += 1
            case .success(old?.digest): crashes.old += 1
            case .success, .failure: crashes.neither += 1
            }
        }
        return crashes
    }

    /// Flips each bit of each file of a checkpoint and restores it.
    func flips() throws -> [Flips] {
        let disk = SimulatedDisk()
        let store = store(on: disk)
        let folder = try store.save(checkpoint(step: 2, seed: 2)).folder
        return try disk.files(below: "c/" + folder).sorted { $0.key < $1.key }.map { path, bytes in
            var flips = Flips(
                file: String(path.split(separator: "/").last ?? ""), bytes: bytes.count)
            for place in bytes.indices {
                for bit in 0..<8 {
                    try disk.alter(path) { $0[place] ^= 1 << UInt8(bit) }
                    flips.bits += 1
                    if store.verify(folder).isGood { flips.undetected += 1 }
                    // Flipped back, so that every bit is damaged alone.
                    try disk.alter(path) { $0[place] ^= 1 << UInt8(bit) }
                }
            }
            return flips
        }
    }

    /// The cost of a save of realistic size.
    struct Save: Encodable {
        let bytes: Int
        /// Seconds for which training waits while values are copied out of their buckets.
        let snapshotS: Double
        /// Seconds that a separate thread takes to write.
        let writtenS: Double
        /// Seconds of processor time of that thread.
        let processorS: Double
        let passes: Int

        init(in folder: String, passes: Int) throws {
            let network = try TrialShape().network("student-srkd").build()
            let parameters = RunParameters(network)
            let weights = network.initialWeights(seed: 1)
            let buckets = parameters.layout.packed(weights)
            let place = "\(folder)/denju-checkpoints-\(UUID().uuidString)"
            defer { try? FileManager.default.removeItem(atPath: place) }
            let store = CheckpointStore(place, retention: Retention(keepLast: 1))
            var (snapshots, writings, computings): ([Double], [Double], [Double]) = ([], [], [])
            var bytes = 0
            for pass in 1...passes {
                let begun = ContinuousClock.now
                func side(_ suffix: String) -> [NamedTensor] {
                    parameters.layout.unpacked(buckets).map {
                        NamedTensor(name: $0.name + suffix, shape: $0.shape, tensor: $0.tensor)
                    }
                }
                let checkpoint = Checkpoint(
                    state: CheckpointState(
                        runID: "00112233445566778899aabbccddeeff", epoch: 1, step: pass, pass: 0,
                        cursor: 0, seed: 1, recipe: "", toolVersion: "bench",
                        numerics: NumericsFingerprint(blasCore: "", kernels: "", canary: "")),
                    model: Weights(side("")),
                    optimizer: Weights(side(".first") + side(".second")))
                let taken = ContinuousClock.now
                let before = Self.processorTime
                bytes = try store.save(checkpoint).byteCount
                computings.append(Self.processorTime - before)
                writings.append((ContinuousClock.now - taken) / .seconds(1))
                snapshots.append((taken - begun) / .seconds(1))
            }
            (self.bytes, self.passes) = (bytes, passes)
            (snapshotS, writtenS, processorS) = (
                snapshots.median, writings.median, computings.median
            )
        }

        /// The processor time of this process in seconds.
        private static var processorTime: Double {
            Double(clock()) / Double(CLOCKS_PER_SEC)
        }
    }
}
