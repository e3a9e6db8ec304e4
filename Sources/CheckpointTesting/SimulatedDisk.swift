package import Files
import Synchronization

/// A disk in memory that fails or crashes on demand.
///
/// It guarantees what a correct disk guarantees and nothing else: bytes are durable after their file
/// was synchronised, names after their folder was. After a crash the rest is lost or, depending on
/// ``Durability``, partly present. A change of names in one folder (a rename) is atomic.
package final class SimulatedDisk: FileSystem {
    /// A fault at an operation.
    ///
    /// Operations that change the disk (create, write, synchronise, close, rename, remove) are counted
    /// from 0.
    package enum Fault: Sendable {
        /// One operation fails; a failed write has written half of its bytes.
        case failure(atOperation: Int, reason: String)
        /// The machine stops during an operation: it and all later operations fail until
        /// ``SimulatedDisk/restart()``.
        case crash(atOperation: Int, keeping: Durability)
    }

    /// The part of the unsynchronised changes that is present after a crash.
    package enum Durability: Sendable {
        /// Nothing.
        case synchronizedOnly
        /// Everything: the process was killed and the machine kept running.
        case everything
        /// A part that the seed determines: a prefix of each file's new bytes and some of each
        /// folder's changes.
        case some(seed: UInt64)
    }

    /// The error of operations on a crashed machine.
    package struct Down: Error {}

    private let state = Mutex(State())

    /// An empty disk with a root folder, to which relative paths refer as well.
    package init() {}

    /// The number of requested operations that change the disk.
    package var operations: Int { state.withLock(\.operations) }

    /// The number of free bytes; nil for unlimited space.
    package var freeBytes: Int? {
        get { state.withLock(\.freeBytes) }
        set { state.withLock { $0.freeBytes = newValue } }
    }

    /// Schedules a fault and restarts the count of operations.
    package func arm(_ fault: Fault) {
        state.withLock {
            $0.operations = 0
            $0.fault = fault
        }
    }

    /// Restarts the machine after a crash with the data that survived.
    package func restart() { state.withLock { $0.restart() } }

    /// Changes the bytes of a file durably, without counting an operation.
    package func alter(_ path: String, _ body: (inout [UInt8]) -> Void) throws {
        // Damage to the medium survives a restart, so that both states change.
        try state.withLock { state in
            let node = try state.file(at: path)
            var bytes = state.nodes[node].bytes
            body(&bytes)
            state.nodes[node].bytes = bytes
            state.nodes[node].durableBytes = bytes
        }
    }

    // MARK: - FileSystem

    /// Creates a folder.
    package func createDirectory(_ path: String) throws {
        try state.withLock { state in
            try state.begin(path)
            guard state.node(at: path) == nil else { return }
            try state.change(path, to: state.addNode(isDirectory: true))
        }
    }

    /// Creates a new file.
    package func create(_ path: String) throws -> any WritableFile {
        let node = try state.withLock { state in
            try state.begin(path)
            guard state.node(at: path) == nil else { throw FileError(path, "is there already") }
            let node = state.addNode(isDirectory: false)
            try state.change(path, to: node)
            return node
        }
        return Writer(disk: self, path: path, node: node)
    }

    /// Renames a file or folder.
    package func rename(_ path: String, to newPath: String) throws {
        try state.withLock { state in
            try state.begin(path)
            guard let node = state.node(at: path) else { throw FileError(path, "is missing") }
            if let other = state.node(at: newPath), state.nodes[other].isDirectory {
                guard state.nodes[other].names.isEmpty, state.nodes[node].isDirectory else {
                    throw FileError(newPath, "is in the way")
                }
            }
            try state.move(path, to: newPath, node: node)
        }
    }

    /// Removes a file.
    package func removeFile(_ path: String) throws {
        try state.withLock { state in
            try state.begin(path)
            _ = try state.file(at: path)
            try state.change(path, to: nil)
        }
    }

    /// Removes an empty folder.
    package func removeDirectory(_ path: String) throws {
        try state.withLock { state in
            try state.begin(path)
            guard try state.nodes[state.directory(at: path)].names.isEmpty else {
                throw FileError(path, "is not empty")
            }
            try state.change(path, to: nil)
        }
    }

    /// Makes the names in a folder durable.
    package func synchronizeDirectory(_ path: String) throws {
        try state.withLock { state in
            try state.begin(path)
            let node = try state.directory(at: path)
            state.nodes[node].durableNames = state.nodes[node].names
            state.nodes[node].pending = []
        }
    }

    /// Opens a file with its current bytes.
    package func open(_ path: String) throws -> any ReadableFile {
        try state.withLock { state in
            if state.isDown { throw Down() }
            return MemoryFile(path: path, contents: state.nodes[try state.file(at: path)].bytes)
        }
    }

    /// The names in a folder.
    package func names(in directory: String) throws -> [String] {
        try state.withLock { state in
            if state.isDown { throw Down() }
            return state.nodes[try state.directory(at: directory)].names.keys
                .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        }
    }

    /// The status of a path; its time counts the preceding operations.
    package func status(of path: String) throws -> FileStatus? {
        try state.withLock { state in
            if state.isDown { throw Down() }
            return state.node(at: path).map { place in
                let node = state.nodes[place]
                return FileStatus(
                    kind: node.isDirectory ? .directory : .file, size: node.bytes.count,
                    used: node.used)
            }
        }
    }

    /// Sets the time at which the file was last used.
    package func touch(_ path: String) throws {
        try state.withLock { state in
            try state.begin(path)
            state.use(try state.file(at: path))
        }
    }

    /// The number of free bytes.
    package func availableBytes(in directory: String) throws -> Int? { freeBytes }

    private final class Writer: WritableFile {
        let disk: SimulatedDisk
        let path: String
        let node: Int

        init(disk: SimulatedDisk, path: String, node: Int) {
            self.disk = disk
            self.path = path
            self.node = node
        }

        func write(_ bytes: RawSpan) throws {
            let count = bytes.byteCount
            let copy = (0..<count).map { bytes.byte(at: $0) }
            try disk.state.withLock { state in
                do {
                    try state.begin(path)
                } catch {
                    state.nodes[node].bytes += copy[..<(count / 2)]
                    throw error
                }
                if let free = state.freeBytes {
                    guard copy.count <= free else { throw FileError(path, "finds no room") }
                    state.freeBytes = free - copy.count
                }
                state.nodes[node].bytes += copy
                state.use(node)
            }
        }

        func synchronize() throws {
            try disk.state.withLock { state in
                try state.begin(path)
                state.nodes[node].durableBytes = state.nodes[node].bytes
            }
        }

        func close() throws { try disk.state.withLock { try $0.begin(path) } }
    }
}

extension RawSpan {
    /// One byte.
    fileprivate func byte(at index: Int) -> UInt8 {
        unsafe unsafeLoad(fromByteOffset: index, as: UInt8.self)
    }
}
