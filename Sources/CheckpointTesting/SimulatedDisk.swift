package import Checkpoints
import Synchronization

/// A disk in memory that fails or crashes when told to, for tests.
///
/// It keeps what an honest disk must keep and nothing else: bytes are durable once their file was
/// synchronised, names once their folder was. After a crash the rest is lost, or, if so ordered,
/// partly there. A change of names in one folder (a rename) is there as a whole or not at all.
package final class SimulatedDisk: FileSystem {
    /// What goes wrong, counting the changing operations (making, writing, synchronising, closing,
    /// renaming, removing) from 0.
    package enum Fault: Sendable {
        /// One operation fails; a write has then written half its bytes.
        case failure(atOperation: Int, reason: String)
        /// The machine stops in the middle of an operation: this one and all later ones fail, until
        /// ``SimulatedDisk/restart()``.
        case crash(atOperation: Int, keeping: Durability)
    }

    /// What is found after a crash of what was not synchronised before it.
    package enum Durability: Sendable {
        /// Nothing.
        case synchronizedOnly
        /// All of it: the process was killed, the machine went on.
        case everything
        /// Some: of each file's new bytes as many, and of each folder's changes those, that the
        /// seed decides.
        case some(seed: UInt64)
    }

    /// What operations on a crashed machine throw.
    package struct Down: Error {}

    private let state = Mutex(State())

    /// An empty disk with a root folder, in which paths without a leading `/` begin as well.
    package init() {}

    /// How many changing operations have been asked for.
    package var operations: Int { state.withLock(\.operations) }

    /// How many bytes are still free; nil if no end is in sight.
    package var freeBytes: Int? {
        get { state.withLock(\.freeBytes) }
        set { state.withLock { $0.freeBytes = newValue } }
    }

    /// Makes something go wrong; counts operations from this moment.
    package func arm(_ fault: Fault) {
        state.withLock {
            $0.operations = 0
            $0.fault = fault
        }
    }

    /// Starts the machine again after a crash: what survived it is what is there.
    package func restart() { state.withLock { $0.restart() } }

    /// Changes the bytes of a file behind everyone's back, durably.
    package func alter(_ path: String, _ body: (inout [UInt8]) -> Void) throws {
        try state.withLock { state in
            let node = try state.file(at: path)
            var bytes = state.nodes[node].bytes
            body(&bytes)
            state.nodes[node].bytes = bytes
            state.nodes[node].durableBytes = bytes
        }
    }

    // MARK: - FileSystem

    /// Makes a folder.
    package func createDirectory(_ path: String) throws {
        try state.withLock { state in
            try state.begin(path)
            guard state.node(at: path) == nil else { return }
            try state.change(path, to: state.addNode(isDirectory: true))
        }
    }

    /// Makes a new file.
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

    /// Gives a file or folder another name.
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

    /// Opens a file: its bytes of this moment.
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

    /// What has this name; its time counts the operations before.
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

    /// Says that a file is used at this moment.
    package func touch(_ path: String) throws {
        try state.withLock { state in
            try state.begin(path)
            state.use(try state.file(at: path))
        }
    }

    /// How many bytes are free.
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
