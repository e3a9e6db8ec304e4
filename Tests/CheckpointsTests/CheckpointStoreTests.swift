import CheckpointTesting
import Checkpoints
import Files
import Foundation
import Tensors
import Testing

@Suite struct CheckpointStoreTests {
    @Test("checkpoints are read back in memory and on disk")
    func checkpointsAreReadBackInMemoryAndOnDisk() throws {
        let directory = NSTemporaryDirectory() + "denju-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let disks: [any FileSystem] = [SimulatedDisk(), LocalFileSystem()]
        var contents: [[String: [UInt8]]] = []
        for disk in disks {
            if disk is SimulatedDisk {
                try disk.createDirectory("/tmp")
            }
            let store = CheckpointStore(
                directory + "/deep/inside", shardBytes: 40, fileSystem: disk)
            #expect(try store.latestGood() == nil)
            #expect(try store.prepare() == [])
            #expect(try store.latestGood() == nil)
            let checkpoint = Samples.checkpoint(step: 1200)
            let saved = try store.save(checkpoint)
            #expect(saved.folder == "step-00001200" && saved.warnings == [])
            let loaded = try #require(try store.latestGood())
            #expect(loaded.folder == saved.folder && loaded.warnings == [])
            #expect(Samples.equal(loaded.checkpoint, checkpoint))
            #expect(try store.digest(saved.folder) == checkpoint.digest)
            let files = try disk.files(below: store.directory)
            #expect(saved.byteCount == files.values.reduce(0) { $0 + $1.count } - 14)
            contents.append(files)
        }
        #expect(contents[0] == contents[1])
    }

    @Test("the files of a checkpoint have their documented layout")
    func filesOfCheckpointHaveTheirDocumentedLayout() throws {
        let disk = SimulatedDisk()
        let store = CheckpointStore("c", shardBytes: 40, fileSystem: disk)
        let saved = try store.save(Samples.checkpoint(step: 7))
        #expect(
            try disk.names(in: "c/step-00000007") == [
                "MANIFEST.json", "heads-00001-of-00001.safetensors", "heads.safetensors.index.json",
                // 12 + 24 bytes, then 36, then 48: a tensor beyond the limit is not divided.
                "model-00001-of-00003.safetensors", "model-00002-of-00003.safetensors",
                "model-00003-of-00003.safetensors", "model.safetensors.index.json",
                "optimizer-00001-of-00001.safetensors", "optimizer.safetensors.index.json",
                "projectors-00001-of-00001.safetensors", "projectors.safetensors.index.json",
                "state.json",
            ])
        #expect(saved.files.last?.name == "MANIFEST.json")
        let index = try disk.contents(
            of: "c/step-00000007/model.safetensors.index.json", limit: 10000)
        #expect(
            String(decoding: index, as: UTF8.self) == """
                {
                  "metadata": {
                    "total_size": 120
                  },
                  "weight_map": {
                    "enc.a.weight": "model-00002-of-00003.safetensors",
                    "enc.b.weight": "model-00001-of-00003.safetensors",
                    "stem.weight": "model-00001-of-00003.safetensors",
                    "z": "model-00003-of-00003.safetensors"
                  }
                }

                """)
        #expect(try disk.contents(of: "c/latest", limit: 100) == Array("step-00000007\n".utf8))
        #expect(try store.mark("latest") == "step-00000007")
        let state = try disk.contents(of: "c/step-00000007/state.json", limit: 10000)
        let text = String(decoding: state, as: UTF8.self)
        #expect(text.contains("\"seed\" : 18446744073709551615"))
        #expect(text.contains("\"runID\" : \"00112233445566778899aabbccddeeff\""))
    }

    @Test("the digest depends neither on files nor on order")
    func digestDependsNeitherOnFilesNorOnOrder() throws {
        let disk = SimulatedDisk()
        var checkpoint = Samples.checkpoint(step: 1)
        let digest = checkpoint.digest
        for (place, limit) in [1, 40, 1 << 20].enumerated() {
            checkpoint.state.step = place + 1
            let store = CheckpointStore("c\(place)", shardBytes: limit, fileSystem: disk)
            let saved = try store.save(checkpoint)
            #expect(try store.digest(saved.folder) == digest)
        }
        checkpoint.model = Weights(checkpoint.model.reversed())
        #expect(checkpoint.digest == digest)
        var changed = checkpoint
        changed.model[0].tensor = Tensor(rows: 4, columns: 3, filledWith: 0)
        #expect(changed.digest != digest)
        changed = checkpoint
        changed.model[0].shape = [3, 4]
        #expect(changed.digest != digest)
        changed = checkpoint
        changed.model = changed.optimizer
        changed.optimizer = checkpoint.model
        #expect(changed.digest != digest)
        changed = checkpoint
        changed.extras["projectors"] = nil
        #expect(changed.digest != digest)
    }

    /// The digest is published and compared across versions.
    @Test("the digest of given weights never changes")
    func digestOfGivenWeightsNeverChanges() {
        let weights = Weights([
            NamedTensor(name: "a", shape: [2], tensor: Tensor(rows: 1, columns: 2, [1, -2]))
        ])
        let checkpoint = Checkpoint(
            state: Samples.state(step: 0), model: weights, optimizer: Weights())
        var bytes = Array("denju weights 1".utf8)
        func add(_ number: UInt8) { bytes += [number, 0, 0, 0, 0, 0, 0, 0] }
        add(5)
        bytes += Array("model".utf8)
        add(1)
        add(1)
        bytes += Array("a".utf8)
        add(1)
        add(2)
        bytes += [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0]
        add(9)
        bytes += Array("optimizer".utf8)
        add(0)
        #expect(checkpoint.digest == SHA256(of: bytes))
    }

    @Test("inspection lists files and tensors") func inspectionListsFilesAndTensors() throws {
        let store = CheckpointStore("c", shardBytes: 40, fileSystem: SimulatedDisk())
        let checkpoint = Samples.checkpoint(step: 3)
        let folder = try store.save(checkpoint).folder
        let inspection = try store.inspect(folder)
        #expect(inspection.state == checkpoint.state)
        #expect(inspection.groups.map(\.name) == ["model", "optimizer", "heads", "projectors"])
        #expect(inspection.groups[0].tensors.map(\.entry.name) == checkpoint.model.names)
        #expect(inspection.groups[0].scalarCount == checkpoint.model.scalarCount)
        let item = inspection.groups[0].tensors[2]
        #expect(item.entry.shape == [3, 3] && item.file == "model-00002-of-00003.safetensors")
        #expect(item.sha256 == checkpoint.model[2].tensor.withBytes { SHA256(of: $0) })
        #expect(inspection.files.contains { $0.name == "state.json" })
    }

    @Test("older checkpoints are removed by the retention rule")
    func olderCheckpointsAreRemovedByRetentionRule() throws {
        let disk = SimulatedDisk()
        let store = CheckpointStore(
            "c", retention: Retention(keepLast: 2, keepEvery: 4), fileSystem: disk)
        for step in 1...9 {
            _ = try store.save(Samples.checkpoint(step: step))
            if step == 3 { try store.setMark("best", to: "step-00000003") }
        }
        #expect(try store.folders().map(\.step) == [9, 8, 4, 3])
        #expect(try store.mark("best") == "step-00000003")
        #expect(try store.mark("worst") == nil)
        let saved = try store.save(Samples.checkpoint(step: 10))
        #expect(saved.removed == [])
        #expect(try store.save(Samples.checkpoint(step: 11)).removed == ["step-00000009"])
        #expect(try store.folders().map(\.step) == [11, 10, 8, 4, 3])
    }

    /// After a run has continued from an older checkpoint, abandoned steps are not loaded again.
    @Test("checkpoints of later coordinators are newer")
    func checkpointsOfLaterCoordinatorsAreNewer() throws {
        let store = CheckpointStore(
            "c", retention: Retention(keepLast: 2), fileSystem: SimulatedDisk())
        _ = try store.save(Samples.checkpoint(step: 1000, epoch: 1))
        _ = try store.save(Samples.checkpoint(step: 1200, epoch: 1))
        _ = try store.save(Samples.checkpoint(step: 1100, epoch: 2))
        #expect(try store.latestGood()?.folder == "step-00001100")
        #expect(try store.folders().map(\.step) == [1100, 1200])
        let again = Samples.checkpoint(step: 1200, epoch: 2, seed: 5)
        _ = try store.save(again)
        let loaded = try #require(try store.latestGood())
        #expect(Samples.equal(loaded.checkpoint, again))
        #expect(try store.folders().map(\.step) == [1200, 1100])
    }

    @Test("a full disk is reported before writing") func fullDiskIsReportedBeforeWriting() throws {
        let disk = SimulatedDisk()
        let store = CheckpointStore("c", fileSystem: disk)
        _ = try store.save(Samples.checkpoint(step: 1))
        disk.freeBytes = 200_000
        let error = #expect(throws: CheckpointError.self) {
            try store.save(Samples.checkpoint(step: 2))
        }
        #expect(
            error?.description
                == "c has room for 200.0 kB, but the checkpoint step-00000002 takes about 265.8 kB: free some space, or keep fewer checkpoints."
        )
        #expect(try store.latestGood()?.folder == "step-00000001")
        #expect(try disk.names(in: "c") == ["latest", "step-00000001"])
    }

    @Test("a shortage of room for a run's checkpoints is known before the run")
    func shortageIsKnownBeforeRun() throws {
        let disk = SimulatedDisk()
        let checkpoint = Samples.checkpoint(step: 0)
        func shortage(
            _ free: Int?, keepLast: Int = 3, keepEvery: Int? = nil, upTo last: Int = 100
        ) throws -> String? {
            disk.freeBytes = free
            let store = CheckpointStore(
                "c", retention: Retention(keepLast: keepLast, keepEvery: keepEvery),
                fileSystem: disk)
            return try store.shortage(of: checkpoint, every: 10, upTo: last)
        }
        #expect(try shortage(nil) == nil, "the room is unknown")
        // Three, the best, and the one that is being written.
        #expect(try shortage(5 * 265_900) == nil)
        #expect(
            try shortage(4 * 265_900)
                == "c has room for 1.0 MB, but the run will write 5 checkpoints of about 265.8 kB: free some space, or keep fewer of them (checkpoints.keep-last)."
        )
        #expect(try shortage(2 * 265_900, upTo: 20) == nil, "a short run saves two")
        #expect(try shortage(2 * 265_900, upTo: 30) != nil)
        // Steps 20, 40, 60, 80 and 100 are kept for good.
        #expect(try shortage(8 * 265_900, keepLast: 1, keepEvery: 4) == nil)
        #expect(try shortage(7 * 265_900, keepLast: 1, keepEvery: 4) != nil)
        #expect(try shortage(10 * 265_900, keepLast: .max) == nil)
        #expect(try shortage(9 * 265_900, keepLast: .max) != nil)
        disk.freeBytes = nil
        _ = try CheckpointStore("c", fileSystem: disk).save(checkpoint)
        #expect(try shortage(4 * 265_900) == nil, "one of them exists already")
    }

    @Test("a checkpoint that could not be read back is not saved")
    func checkpointThatCouldNotBeReadBackIsNotSaved() throws {
        let store = CheckpointStore("c", fileSystem: SimulatedDisk())
        for name in ["", "model", "a.b", "A", "a/b"] {
            var checkpoint = Samples.checkpoint(step: 1)
            checkpoint.extras[name] = Weights()
            #expect(throws: CheckpointError.self) { try store.save(checkpoint) }
        }
        var checkpoint = Samples.checkpoint(step: 1)
        checkpoint.state.best?.value = .nan
        #expect(throws: FileError.self) { try store.save(checkpoint) }
        checkpoint = Samples.checkpoint(step: 1)
        checkpoint.state.runID = "short"
        #expect(throws: FileError.self) { try store.save(checkpoint) }
        #expect(try store.folders().isEmpty)
    }
}
