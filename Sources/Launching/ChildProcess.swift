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
    /// A process, not yet started, whose output goes where this process's output goes.
    package static func denju(
        _ arguments: [String], executable: URL = Executable.current
    ) -> Process {
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        // OpenBLAS starts its threads when it is loaded. They spin for 20 to 80 ms of a new
        // worker's first 100 ms, on machines without a processor to spare.
        process.environment = ProcessInfo.processInfo.environment
            .merging(["OPENBLAS_NUM_THREADS": "1"]) { $1 }
        return process
    }

    /// A process, not yet started, whose output is appended to a log.
    package static func denju(
        _ arguments: [String], executable: URL = Executable.current, log: String
    ) -> Process {
        if !FileManager.default.fileExists(atPath: log) {
            _ = FileManager.default.createFile(atPath: log, contents: nil)
        }
        let process = denju(arguments, executable: executable)
        process.standardInput = FileHandle.nullDevice
        // Without a log, on a full disk for example, its messages go where this process's go.
        if let handle = FileHandle(forWritingAtPath: log), (try? handle.seekToEnd()) != nil {
            process.standardOutput = handle
            process.standardError = handle
        }
        return process
    }

    /// Starts the process and closes this process's handle of its log.
    ///
    /// Foundation never releases a started process, nor its files. Otherwise a run loses a file
    /// descriptor with every worker that dies, until no file can be opened.
    package func begin() throws {
        try run()
        try (standardOutput as? FileHandle)?.close()
        (standardOutput, standardError) = (nil, nil)
    }
}
