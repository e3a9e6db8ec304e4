import CheckpointTesting
import Checkpoints
import Files
import Testing

/// Saves that are stopped at each of their operations.
@Suite struct CrashTests {
    static let durabilities: [SimulatedDisk.Durability] =
        [.synchronizedOnly, .everything] + (0..<4).map { .some(seed: $0) }

    enum Scene: CaseIterable {
        /// The first save.
        case first
        /// A save of a later step.
        case next
        /// A second save of the same step.
        case again
    }

    private func old(_ scene: Scene) -> Checkpoint? {
        switch scene {
        case .first: nil
        case .next: Samples.small(step: 1)
        case .again: Samples.small(step: 2, seed: 50)
        }
    }

    private func store(on disk: SimulatedDisk, _ scene: Scene) throws -> CheckpointStore {
        let store = CheckpointStore(
            "runs/c", shardBytes: 20, retention: Retention(keepLast: 1), fileSystem: disk)
        _ = try store.prepare()
        if let old = old(scene) { _ = try store.save(old) }
        return store
    }

    @Test(
        "a crash at any operation leaves the old or the new checkpoint", arguments: Scene.allCases)
    func crashAtAnyOperationLeavesOldOrNewCheckpoint(scene: Scene) throws {
        let new = Samples.small(step: 2)
        let operations = try FaultSweep.crash(keeping: Self.durabilities) { disk in
            try store(on: disk, scene)
        } work: { store in
            _ = try store.save(new)
        } examine: { attempt, store, disk in
            let place: Comment = "operation \(attempt.operation), \(attempt.durability)"
            let found = try store.latestGood()
            let loaded = found?.checkpoint
            let isNew = loaded.map { Samples.equal($0, new) } ?? false
            let isOld =
                switch (loaded, old(scene)) {
                case (nil, nil): true
                case (let loaded?, let old?): Samples.equal(loaded, old)
                default: false
                }
            #expect(isNew || isOld, place)
            #expect(!attempt.isDone || isNew, place)
            #expect(found?.warnings ?? [] == [], place)

            // Preparing the store loses nothing, and the next save succeeds.
            _ = try store.prepare()
            let after = try store.latestGood()?.checkpoint
            #expect((after == nil) == (loaded == nil))
            if let after, let loaded { #expect(Samples.equal(after, loaded)) }
            #expect(try store.save(new).warnings == [])
            #expect(try #require(try store.latestGood()).folder == "step-00000002")
            #expect(try disk.names(in: "runs/c") == ["latest", "step-00000002"])
        }
        #expect(operations > 30)
    }

    @Test(
        "a failure of any operation leaves the old or the new checkpoint", arguments: Scene.allCases
    )
    func failureOfAnyOperationLeavesOldOrNewCheckpoint(scene: Scene) throws {
        let new = Samples.small(step: 2)
        let operations = try FaultSweep.fail { disk in
            try store(on: disk, scene)
        } work: { store in
            try store.save(new)
        } examine: { operation, saved, store, disk in
            let loaded = try store.latestGood()?.checkpoint
            let isNew = loaded.map { Samples.equal($0, new) } ?? false
            if let saved {
                #expect(isNew, "operation \(operation)")
                for warning in saved.warnings { #expect(warning.contains("is saved")) }
            } else if !isNew {
                #expect((loaded == nil) == (old(scene) == nil), "operation \(operation)")
                if let loaded, let old = old(scene) {
                    #expect(Samples.equal(loaded, old), "operation \(operation)")
                }
            }
            #expect(try !disk.names(in: "runs/c").contains { $0.contains(".tmp-") && saved == nil })
        }
        #expect(operations > 30)
    }

    /// Without losses of the simulated disk, the tests above would prove nothing.
    @Test("the simulated disk loses writes that are not synchronised")
    func simulatedDiskLosesWritesThatAreNotSynchronised() throws {
        func write(_ disk: SimulatedDisk, synchronize: Bool) throws {
            try disk.createDirectory("d")
            try disk.synchronizeDirectory(".")
            let file = try disk.create("d/f")
            try file.write([1, 2, 3])
            if synchronize { try file.synchronize() }
            try file.close()
        }
        func crash(_ disk: SimulatedDisk, _ remains: SimulatedDisk.Durability) {
            disk.arm(.crash(atOperation: 0, keeping: remains))
            #expect(throws: SimulatedDisk.Down.self) { try disk.synchronizeDirectory("d") }
            #expect(throws: SimulatedDisk.Down.self) { try disk.names(in: "d") }
            disk.restart()
        }
        var disk = SimulatedDisk()
        try write(disk, synchronize: true)
        crash(disk, .synchronizedOnly)
        #expect(try disk.names(in: "d") == [])

        disk = SimulatedDisk()
        try write(disk, synchronize: false)
        try disk.synchronizeDirectory("d")
        crash(disk, .synchronizedOnly)
        #expect(try disk.contents(of: "d/f", limit: 10) == [])

        disk = SimulatedDisk()
        try write(disk, synchronize: true)
        try disk.synchronizeDirectory("d")
        try disk.rename("d/f", to: "d/g")
        crash(disk, .synchronizedOnly)
        #expect(try disk.names(in: "d") == ["f"])
        #expect(try disk.contents(of: "d/f", limit: 10) == [1, 2, 3])

        disk = SimulatedDisk()
        try write(disk, synchronize: false)
        crash(disk, .everything)
        #expect(try disk.contents(of: "d/f", limit: 10) == [1, 2, 3])

        var lengths: Set<Int> = []
        for seed in 0..<40 {
            disk = SimulatedDisk()
            try write(disk, synchronize: false)
            crash(disk, .some(seed: UInt64(seed)))
            if try disk.kind(of: "d/f") == .file {
                lengths.insert(try disk.contents(of: "d/f", limit: 10).count)
            } else {
                lengths.insert(-1)
            }
        }
        #expect(lengths == [-1, 0, 1, 2, 3])
    }
}
