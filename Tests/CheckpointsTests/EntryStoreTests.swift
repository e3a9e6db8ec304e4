import CheckpointTesting
import Checkpoints
import Files
import Synchronization
import Testing

@Suite struct EntryStoreTests {
    private let disk = SimulatedDisk()

    private func store(limit: Int? = nil) throws -> EntryStore {
        try disk.createDirectories("pack/entries")
        return EntryStore("pack/entries", limit: limit, in: disk)
    }

    private func address(_ number: Int) -> BLAKE2b { BLAKE2b(of: "entry \(number)") }

    private func total(_ store: EntryStore) throws -> Int {
        try store.entries().reduce(0) { $0 + $1.size }
    }

    @Test("written entries are read back") func writtenEntriesAreReadBack() throws {
        let store = try store()
        #expect(try store.read(address(1)) == nil)
        #expect(try store.write([1, 2, 3], at: address(1)))
        #expect(try store.read(address(1)) == [1, 2, 3])
        #expect(try store.write([4], at: address(1)), "the same entry again")
        #expect(try store.read(address(1)) == [4])
        #expect(try store.entries().map(\.address) == [address(1)])
        let hex = address(1).hex
        #expect(store.path(of: address(1)) == "pack/entries/\(hex.prefix(2))/\(hex).safetensors")
        try store.remove(address(1))
        try store.remove(address(1))
        #expect(try store.read(address(1)) == nil)
    }

    @Test("a missing folder has no entries") func missingFolderHasNoEntries() throws {
        let store = EntryStore("nowhere/entries", in: disk)
        #expect(try store.read(address(1)) == nil)
        #expect(try store.entries().isEmpty)
    }

    @Test("an entry longer than expected is not read")
    func entryLongerThanExpectedIsNotRead() throws {
        let store = try store()
        try store.write([UInt8](repeating: 7, count: 100), at: address(1))
        #expect(try store.read(address(1), most: 100)?.count == 100)
        #expect(throws: FileError.self) { _ = try store.read(address(1), most: 99) }
    }

    @Test("entries never exceed the limit") func entriesNeverExceedLimit() throws {
        for size in [10, 24, 90, 333, 875] {
            let store = try store(limit: 1000)
            for number in 0..<200 {
                let bytes = [UInt8](repeating: UInt8(number), count: size)
                #expect(try store.write(bytes, at: address(number)))
                #expect(try total(store) <= 1000)
                #expect(try store.read(address(number), keepingUse: false) == bytes)
            }
            // Entries are removed only when necessary.
            #expect(try total(store) > 600 || size > 300, "entries of \(size)")
            for entry in try store.entries() { try store.remove(entry.address) }
        }
    }

    @Test("the least recently used entries are removed first")
    func leastRecentlyUsedEntriesAreRemovedFirst() throws {
        let store = try store(limit: 1000)
        let bytes = [UInt8](repeating: 0, count: 100)
        for number in 0..<8 { try store.write(bytes, at: address(number)) }
        // The oldest entry is read again; a read without keeping its use does not count.
        _ = try store.read(address(0))
        _ = try store.read(address(1), keepingUse: false)
        try store.write(bytes, at: address(8))
        try store.write(bytes, at: address(9))
        let left = Set(try store.entries().map(\.address))
        #expect(left.contains(address(0)) && !left.contains(address(1)))
        #expect(left.contains(address(8)) && left.contains(address(9)))
    }

    @Test("an entry beyond the limit is not written") func entryBeyondLimitIsNotWritten() throws {
        let store = try store(limit: 1000)
        try store.write([1], at: address(1))
        #expect(try store.write([UInt8](repeating: 0, count: 876), at: address(2)) == false)
        #expect(try store.read(address(1)) == [1], "and nothing had to go for it")
        #expect(try store.entries().count == 1)
    }

    @Test("eight writers of one folder keep to the limit")
    func eightWritersOfOneFolderKeepToLimit() throws {
        let stores = try (0..<8).map { _ in try store(limit: 64_000) }
        let bytes = [UInt8](repeating: 0, count: 500)
        for number in 0..<800 {
            try stores[number % 8].write(bytes, at: address(number))
            if number % 16 == 0 { #expect(try total(stores[0]) <= 64_000) }
        }
        #expect(try total(stores[0]) > 40_000)
    }

    /// A process crash leaves whole entries or none.
    ///
    /// A power failure may leave a partial entry, which its seal reveals.
    @Test("a crash leaves no partial entry under a final name")
    func crashLeavesNoPartialEntryUnderFinalName() throws {
        let bytes = (0..<64).map { UInt8($0) }
        var operation = 0
        while true {
            let disk = SimulatedDisk()
            try disk.createDirectories("pack/entries")
            let store = EntryStore("pack/entries", limit: 1000, in: disk)
            disk.arm(.crash(atOperation: operation, keeping: .everything))
            let written = try? store.write(bytes, at: address(1))
            disk.restart()
            let found = try store.read(address(1))
            #expect(found == nil || found == bytes, "operation \(operation)")
            #expect(written == nil || found == bytes, "operation \(operation)")
            if written != nil { break }
            operation += 1
        }
        #expect(operation > 3)
    }

    @Test("a failure leaves no file") func failureLeavesNoFile() throws {
        var operation = 0
        while true {
            let disk = SimulatedDisk()
            try disk.createDirectories("pack/entries")
            let store = EntryStore("pack/entries", in: disk)
            disk.arm(.failure(atOperation: operation, reason: "fails for a test"))
            let written = try? store.write([1, 2, 3], at: address(1))
            if written != nil { break }
            let folder = "pack/entries/" + address(1).hex.prefix(2)
            #expect(try disk.kind(of: folder) == nil || disk.names(in: folder).isEmpty)
            operation += 1
        }
        #expect(operation > 3)
    }
}
