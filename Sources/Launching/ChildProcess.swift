package import Foundation
import Reporting

/// The programs of this package, installed in one folder.
package enum Executable {
    /// This process's program.
    package static var current: URL {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    }

    /// A program beside this process's own.
    package static func beside(_ name: String) throws -> URL {
        let url = current.deletingLastPathComponent().appending(path: name)
        guard FileManager.default.isExecutableFile(atPath: url.path) else {
            throw UserError(
                "\(url.path) is missing: build it with `swift build --product \(name)`.")
        }
        return url
    }
}

extension Process {
    /// A process that is not yet started and writes where this one writes.
    package static func denju(
        _ arguments: [String], executable: URL = Executable.current
    ) -> Process {
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        // OpenBLAS would start threads before it is told not to, which turn for some tens of
        // milliseconds before they sleep.
        process.environment = ProcessInfo.processInfo.environment
            .merging(["OPENBLAS_NUM_THREADS": "1"]) { $1 }
        return process
    }

    /// A process that is not yet started and appends what it writes to a log.
    package static func denju(
        _ arguments: [String], executable: URL = Executable.current, log: String
    ) -> Process {
        if !FileManager.default.fileExists(atPath: log) {
            _ = FileManager.default.createFile(atPath: log, contents: nil)
        }
        let process = denju(arguments, executable: executable)
        process.standardInput = FileHandle.nullDevice
        if let handle = FileHandle(forWritingAtPath: log) {
            handle.seekToEndOfFile()
            process.standardOutput = handle
            process.standardError = handle
        }
        return process
    }

    /// Starts a process that adds to a log, which stays open in that process alone.
    ///
    /// A process that has been started is never let go of by Foundation, nor are its files: a run in
    /// which thousands of workers die would have none left to open.
    package func begin() throws {
        try run()
        try (standardOutput as? FileHandle)?.close()
        (standardOutput, standardError) = (nil, nil)
    }
}
