import CheckpointTesting
import Checkpoints
import Files
import Synchronization
import Testing

/// Checkpoints and cached entries on a network file system, where changes of other machines become
/// visible late and open files become stale.
@Suite struct RemoteDiskTests {
    /// Runs a change once, at one of the requests of a client.
    private final class Interruption: Sendable {
        private let state: Mutex<(left: Int, isDone: Bool)>
        private let change: @Sendable () -> Void

        init(atRequest number: Int, _ change: @escaping @Sendable () -> Void) {
            state = Mutex((number, false))
            self.change = change
        }

        var isDone: Bool { state.withLock(\.isDone) }

        func step() {
            let isNow = state.withLock { state in
                defer { state.left -= 1 }
                if state.left == 0 { state.isDone = true }
                return state.left == 0
            }
            if isNow { change() }
        }
    }

    /// The number of the request at which a change happens, until a client needs fewer.
    private func sweep(_ body: (Int) throws -> Bool) rethrows -> Int {
        var number = 0
        while try body(number) { number += 1 }
        return number
    }

    @Test(
        "a reader finds a checkpoint while another machine saves and removes", arguments: [0, 1, 2])
    func readerFindsCheckpoint(lag: Int) throws {
        let requests = try sweep { number in
            let server = SimulatedDisk()
            let writer = CheckpointStore(
                "run", retention: Retention(keepLast: 1), fileSystem: server)
            _ = try writer.save(Samples.checkpoint(step: 3))
            let interruption = Interruption(atRequest: number) {
                do { _ = try writer.save(Samples.checkpoint(step: 4)) } catch {
                    Issue.record("the other machine cannot save: \(error)")
                }
            }
            let client = RemoteDisk(of: server, lag: lag) { interruption.step() }
            let loaded = try #require(try CheckpointStore("run", fileSystem: client).latestGood())
            #expect(loaded.warnings.isEmpty, "at request \(number): \(loaded.warnings)")
            let step = loaded.checkpoint.state.step
            #expect([3, 4].contains(step))
            #expect(Samples.equal(loaded.checkpoint, Samples.checkpoint(step: step)))
            return interruption.isDone
        }
        #expect(requests > 20)
    }

    @Test("a checkpoint without its manifest is still reported") func incompleteIsReported() throws
    {
        let server = SimulatedDisk()
        let writer = CheckpointStore("run", fileSystem: server)
        for step in [3, 4] { _ = try writer.save(Samples.checkpoint(step: step)) }
        try server.removeFile("run/step-00000004/MANIFEST.json")
        let loaded = try #require(
            try CheckpointStore("run", fileSystem: RemoteDisk(of: server, lag: 1)).latestGood())
        #expect(loaded.checkpoint.state.step == 3 && loaded.warnings.count == 1)
    }

    @Test(
        "an entry that another machine removes or writes again is read whole or not at all",
        arguments: [0, 1, 2], [true, false])
    func entryIsReadWholeOrNotAtAll(lag: Int, isWrittenAgain: Bool) throws {
        let address = BLAKE2b(of: "entry")
        let requests = try sweep { number in
            let server = SimulatedDisk()
            try server.createDirectories("pack")
            let other = EntryStore("pack", in: server)
            try other.write([1, 2, 3], at: address)
            let interruption = Interruption(atRequest: number) {
                do {
                    try other.remove(address)
                    if isWrittenAgain { try other.write([1, 2, 3], at: address) }
                } catch { Issue.record("the other machine cannot change: \(error)") }
            }
            let client = EntryStore(
                "pack", in: RemoteDisk(of: server, lag: lag) { interruption.step() })
            // The first reading fills the client's cache.
            for _ in 0..<2 {
                let bytes = try client.read(address, keepingUse: false)
                #expect(bytes == [1, 2, 3] || bytes == nil && !isWrittenAgain)
            }
            return interruption.isDone
        }
        #expect(requests > 2)
    }

    @Test("two machines write entries of one folder", arguments: [0, 2])
    func twoMachinesWriteEntries(lag: Int) throws {
        let server = SimulatedDisk()
        try server.createDirectories("pack")
        let stores = (0..<2).map { _ in
            EntryStore("pack", limit: 1000, in: RemoteDisk(of: server, lag: lag))
        }
        for number in 0..<60 {
            let bytes = [UInt8](repeating: UInt8(number), count: 50)
            let address = BLAKE2b(of: "entry \(number)")
            #expect(try stores[number % 2].write(bytes, at: address))
            let found = try stores[(number + 1) % 2].read(address)
            #expect(found == bytes || found == nil)
            #expect(try stores[number % 2].read(address) == bytes)
        }
        let entries = try EntryStore("pack", in: server).entries()
        #expect(!entries.isEmpty && entries.reduce(0) { $0 + $1.size } <= 1000)
    }
}
