import Foundation

extension Process {
    /// Another process of this program, not yet started; it says what it says where this one does.
    static func denju(_ arguments: [String]) -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = arguments
        // OpenBLAS would start threads before it is told not to, which turn for some tens of
        // milliseconds before they sleep.
        process.environment = ProcessInfo.processInfo.environment
            .merging(["OPENBLAS_NUM_THREADS": "1"]) { $1 }
        return process
    }

    /// Another process of this program, not yet started; what it says is added to a log.
    static func denju(_ arguments: [String], log: String) -> Process {
        if !FileManager.default.fileExists(atPath: log) {
            _ = FileManager.default.createFile(atPath: log, contents: nil)
        }
        let process = denju(arguments)
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
    func begin() throws {
        try run()
        try (standardOutput as? FileHandle)?.close()
        (standardOutput, standardError) = (nil, nil)
    }
}
