import CheckpointTesting
import Checkpoints
import Files
import Tensors
import Testing

/// Damage of a checkpoint's files, which must be detected and named.
@Suite struct DamageTests {
    private func store(on disk: SimulatedDisk) throws -> CheckpointStore {
        let store = CheckpointStore("c", shardBytes: 20, fileSystem: disk)
        _ = try store.save(Samples.small(step: 1))
        _ = try store.save(Samples.small(step: 2))
        return store
    }

    @Test("every changed bit of every file is detected")
    func everyChangedBitOfEveryFileIsDetected() throws {
        let disk = SimulatedDisk()
        let store = try store(on: disk)
        let folder = "step-00000002"
        #expect(store.verify(folder).isGood)
        for (path, bytes) in try disk.files(below: "c/" + folder) {
            for index in bytes.indices {
                // Each byte, with one of its bits in turn.
                let bit: UInt8 = 1 << (index % 8)
                try disk.alter(path) { $0[index] ^= bit }
                let report = store.verify(folder)
                #expect(report.problems.first?.path == path, "byte \(index) of \(path)")
                try disk.alter(path) { $0[index] ^= bit }
            }
        }
        #expect(store.verify(folder).isGood)
    }

    @Test("every changed bit of the manifest is detected")
    func everyChangedBitOfManifestIsDetected() throws {
        let disk = SimulatedDisk()
        let store = try store(on: disk)
        let path = "c/step-00000002/MANIFEST.json"
        let count = try disk.contents(of: path, limit: 100_000).count
        for index in 0..<count {
            for bit in 0..<8 {
                try disk.alter(path) { $0[index] ^= 1 << UInt8(bit) }
                let report = store.verify("step-00000002")
                #expect(report.problems.first?.path == path, "bit \(bit) of byte \(index)")
                try disk.alter(path) { $0[index] ^= 1 << UInt8(bit) }
            }
        }
    }

    @Test("every changed length is detected") func everyChangedLengthIsDetected() throws {
        let disk = SimulatedDisk()
        let store = try store(on: disk)
        for (path, bytes) in try disk.files(below: "c/step-00000002") {
            let lengths =
                [0, 1, 7, 8, 9, bytes.count / 2, bytes.count - 8, bytes.count - 1]
                + [bytes.count + 1, bytes.count + 8]
            for length in lengths where length >= 0 {
                try disk.alter(path) {
                    $0 = Array(bytes.prefix(length))
                    $0 += [UInt8](repeating: 0x20, count: max(0, length - bytes.count))
                }
                let problem = store.verify("step-00000002").problems.first
                #expect(problem?.path == path, "\(length) bytes of \(path)")
                if !path.hasSuffix("MANIFEST.json") {
                    #expect(problem?.byteOffset == min(length, bytes.count))
                }
            }
            try disk.alter(path) { $0 = bytes }
        }
    }

    @Test("loading falls back to the newest intact checkpoint with a warning")
    func loadingFallsBackToNewestIntactCheckpointWithWarning() throws {
        let disk = SimulatedDisk()
        let store = try store(on: disk)
        let shard = "c/step-00000002/model-00002-of-00002.safetensors"
        try disk.alter(shard) { $0[$0.count - 1] ^= 0x10 }
        let loaded = try #require(try store.latestGood())
        #expect(Samples.equal(loaded.checkpoint, Samples.small(step: 1)))
        #expect(
            loaded.warnings == [
                "The checkpoint c/step-00000002 is damaged and was skipped: \(shard) has been changed: its bytes do not match the digest in the manifest."
            ])
        #expect(throws: FileError.self) { try store.load("step-00000002") }
        #expect(throws: FileError.self) { try store.digest("step-00000002") }
        #expect(throws: FileError.self) { try store.inspect("step-00000002") }

        // The next save of that step replaces the damaged checkpoint.
        _ = try store.save(Samples.small(step: 2))
        #expect(try store.latestGood()?.warnings == [])
        #expect(try store.latestGood()?.folder == "step-00000002")
    }

    @Test("missing files are named") func missingFilesAreNamed() throws {
        let disk = SimulatedDisk()
        let store = try store(on: disk)
        for name in try disk.names(in: "c/step-00000002") {
            let path = "c/step-00000002/" + name
            try disk.rename(path, to: "c/step-00000002/elsewhere")
            let report = store.verify("step-00000002")
            #expect(report.problems.first?.path == path)
            #expect(try store.latestGood()?.folder == "step-00000001")
            #expect(try store.latestGood()?.warnings.count == 1)
            try disk.rename("c/step-00000002/elsewhere", to: path)
        }
        #expect(try store.latestGood()?.folder == "step-00000002")
    }

    @Test("loading fails if all checkpoints are damaged")
    func loadingFailsIfAllCheckpointsAreDamaged() throws {
        let disk = SimulatedDisk()
        let store = try store(on: disk)
        try disk.removeFile("c/step-00000001/MANIFEST.json")
        try disk.removeFile("c/step-00000002/state.json")
        let error = #expect(throws: CheckpointError.self) { try store.latestGood() }
        let sentence = error?.description ?? ""
        #expect(sentence.hasPrefix("No checkpoint in c can be used."))
        #expect(sentence.contains("c/step-00000002/state.json is missing."))
        #expect(sentence.contains("c/step-00000001/MANIFEST.json is not there"))
    }

    @Test("foreign files are left alone") func foreignFilesAreLeftAlone() throws {
        let disk = SimulatedDisk()
        let store = try store(on: disk)
        for path in ["c/notes", "c/step-1", "c/step-00000003.bak", "c/step-00000002/notes"] {
            let file = try disk.create(path)
            try file.write(Array("hello".utf8))
        }
        #expect(try store.prepare() == [])
        #expect(try store.latestGood()?.folder == "step-00000002")
        #expect(store.verify("step-00000002").isGood)
        #expect(store.verify("step-00000002").strays == ["notes"])
        #expect(try disk.kind(of: "c/step-00000003.bak") == .file)
    }

    @Test("remains of interrupted saves are removed")
    func remainsOfInterruptedSavesAreRemoved() throws {
        let disk = SimulatedDisk()
        let store = try store(on: disk)
        try disk.createDirectory("c/step-00000003.tmp-0123456789abcdef")
        _ = try disk.create("c/step-00000003.tmp-0123456789abcdef/model")
        _ = try disk.create("c/latest.tmp-0123456789abcdef")
        #expect(
            try store.prepare() == [
                "Removed c/latest.tmp-0123456789abcdef, which an interrupted save left behind.",
                "Removed c/step-00000003.tmp-0123456789abcdef, which an interrupted save left behind.",
            ])
        #expect(try disk.names(in: "c") == ["latest", "step-00000001", "step-00000002"])
    }

    /// Correct digests of contradictory files, as a program with an error writes them.
    @Test("indexes that contradict their files are rejected")
    func indexesThatContradictTheirFilesAreRejected() throws {
        let disk = SimulatedDisk()
        try disk.createDirectory("f")
        func write(_ name: String, _ bytes: [UInt8]) throws {
            let file = try disk.create("f/" + name)
            try file.write(bytes)
            try file.close()
        }
        let tensors = Array(Samples.weights(["a", "b"], seed: 0))
        try write("1.safetensors", SafetensorsWriter.bytes(of: tensors))
        try write("2.safetensors", SafetensorsWriter.bytes(of: [tensors[0]]))
        func reason(_ map: String) throws -> String {
            if try disk.kind(of: "f/i") != nil { try disk.removeFile("f/i") }
            try write("i", Array("{\"weight_map\":\(map)}".utf8))
            let error = #expect(throws: FileError.self) {
                try ShardedFiles(folder: "f", index: "i", in: disk)
            }
            return error?.description ?? ""
        }
        let one = "\"1.safetensors\""
        #expect(try reason("{\"a\":\(one)}").contains("but the index lacks it"))
        #expect(
            try reason("{\"a\":\(one),\"b\":\(one),\"c\":\(one)}").contains(
                "is not in 1.safetensors"))
        #expect(
            try reason("{\"a\":\"2.safetensors\",\"b\":\(one)}").contains("stands in 1.safetensors")
        )
        #expect(try reason("{\"a\":\"../f/1.safetensors\"}").contains("not given a file's name"))
        #expect(try reason("{\"a\":1}").contains("not given a file's name"))
        #expect(try reason("[]").contains("no weight_map"))
        #expect(try reason("{\"a\":\(one),\"a\":\(one)}").contains("twice"))
        try disk.removeFile("f/i")
        try write("i", Array("{\"weight_map\":{\"a\":\(one),\"b\":\(one)}}".utf8))
        let files = try ShardedFiles(folder: "f", index: "i", in: disk)
        #expect(try files.weights().names == ["a", "b"])
    }
}
