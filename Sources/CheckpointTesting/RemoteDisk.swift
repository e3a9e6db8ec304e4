package import Files
import Synchronization

/// A client's view of a disk that other machines change as well, like a folder mounted by NFS.
///
/// Names and properties are cached, also those of missing files, so that changes of other machines
/// become visible late: each cached answer is given for a number of further requests. Opening a file
/// asks the server; a cached file that another machine has replaced is stale at the first attempt, and
/// one that is replaced or removed while it is open cannot be read any more.
package final class RemoteDisk: FileSystem {
    private struct Cached<Value: Sendable>: Sendable {
        let value: Value
        var uses: Int
    }

    private struct State {
        var names: [String: Cached<[String]>] = [:]
        var statuses: [String: Cached<FileStatus?>] = [:]

        mutating func forget(_ path: String) {
            names[FilePaths.parent(of: path)] = nil
            names[path] = nil
            statuses[path] = nil
        }
    }

    private let server: SimulatedDisk
    private let lag: Int
    private let beforeRequest: @Sendable () -> Void
    private let state = Mutex(State())

    /// A client of a server's disk.
    ///
    /// - Parameters:
    ///   - lag: the number of requests for which a cached answer is given again.
    ///   - beforeRequest: called before each request for names, properties or bytes, so that tests can
    ///     change the server's disk at any moment.
    package init(
        of server: SimulatedDisk, lag: Int, beforeRequest: @escaping @Sendable () -> Void = {}
    ) {
        self.server = server
        self.lag = lag
        self.beforeRequest = beforeRequest
    }

    // MARK: Cached

    package func names(in directory: String) throws -> [String] {
        beforeRequest()
        if let known = state.withLock({ Self.use(&$0.names, directory) }) { return known }
        let names = try server.names(in: directory)
        state.withLock { $0.names[directory] = Cached(value: names, uses: lag) }
        return names
    }

    package func status(of path: String) throws -> FileStatus? {
        beforeRequest()
        if let known = state.withLock({ Self.use(&$0.statuses, path) }) { return known }
        let status = try server.status(of: path)
        state.withLock { $0.statuses[path] = Cached(value: status, uses: lag) }
        return status
    }

    private static func use<Value>(
        _ table: inout [String: Cached<Value>], _ key: String
    ) -> Value? {
        guard let known = table[key], known.uses > 0 else { return nil }
        table[key]?.uses -= 1
        return known.value
    }

    package func open(_ path: String) throws -> any ReadableFile {
        beforeRequest()
        guard let current = try server.status(of: path) else { throw Self.stale(path) }
        let known = state.withLock { $0.statuses.removeValue(forKey: path) }
        if let old = known?.value, old != current { throw Self.stale(path) }
        return RemoteFile(path, try server.open(path), current, server, beforeRequest)
    }

    static func stale(_ path: String) -> FileError {
        var error = FileError(path, "cannot be read: Stale file handle")
        error.isGone = true
        return error
    }

    // MARK: Own changes, which this client sees at once

    private func change<Value>(_ path: String, _ body: () throws -> Value) rethrows -> Value {
        state.withLock { $0.forget(path) }
        return try body()
    }

    package func createDirectory(_ path: String) throws {
        try change(path) { try server.createDirectory(path) }
    }

    package func create(_ path: String) throws -> any WritableFile {
        try change(path) { try server.create(path) }
    }

    package func rename(_ path: String, to newPath: String) throws {
        state.withLock { $0.forget(newPath) }
        try change(path) { try server.rename(path, to: newPath) }
    }

    package func removeFile(_ path: String) throws {
        try change(path) { try server.removeFile(path) }
    }

    package func removeDirectory(_ path: String) throws {
        try change(path) { try server.removeDirectory(path) }
    }

    package func touch(_ path: String) throws { try change(path) { try server.touch(path) } }

    package func synchronizeDirectory(_ path: String) throws {
        try server.synchronizeDirectory(path)
    }

    package func availableBytes(in directory: String) throws -> Int? {
        try server.availableBytes(in: directory)
    }
}

/// A file opened by a client: stale once it was replaced or removed.
private final class RemoteFile: ReadableFile {
    private let path: String
    private let file: any ReadableFile
    private let opened: FileStatus
    private let server: SimulatedDisk
    private let beforeRequest: @Sendable () -> Void

    init(
        _ path: String, _ file: any ReadableFile, _ opened: FileStatus, _ server: SimulatedDisk,
        _ beforeRequest: @escaping @Sendable () -> Void
    ) {
        self.path = path
        self.file = file
        self.opened = opened
        self.server = server
        self.beforeRequest = beforeRequest
    }

    var size: Int { file.size }

    func read(into bytes: inout MutableRawSpan, at offset: Int) throws {
        beforeRequest()
        guard try server.status(of: path) == opened else { throw RemoteDisk.stale(path) }
        try file.read(into: &bytes, at: offset)
    }
}
