import ArgumentParser
import Foundation
import Glibc
import Launching
import Reporting

/// A file with the number of the current message, which survives the process that crashes on it.
struct FuzzJournal {
    private let file: Int32

    init(_ path: String) throws {
        file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw UserError("\(path) cannot be opened for writing.") }
    }

    /// Records the number of the next message.
    func record(_ number: UInt64) {
        // Written data survive a crash of the process without fsync, which would take longer than
        // the message itself.
        unsafe withUnsafeBytes(of: number.littleEndian) { bytes in
            _ = unsafe pwrite(file, bytes.baseAddress, bytes.count, 0)
        }
    }

    /// The recorded number; nil if there is none.
    static func number(in path: String) -> UInt64? {
        guard let data = FileManager.default.contents(atPath: path), data.count == 8 else {
            return nil
        }
        return data.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Seconds after which an input counts as a hang.
    private static let hangTimeout: TimeInterval = 120

    /// Runs this command again in a child process, so that a crash or a hang can be reported with its
    /// input.
    ///
    /// - Parameter finding: makes the error for an input, nil before the first one, and an outcome.
    static func supervise(_ finding: (UInt64?, String) -> UserError) throws {
        let path = FileManager.default.temporaryDirectory.appending(
            path: "denju-fuzz-" + UUID().uuidString
        ).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let process = Process.denju(CommandLine.arguments.dropFirst() + ["--journal", path])
        try process.run()
        var last = (at: Date(), number: UInt64?.none)
        while process.isRunning {
            Thread.sleep(forTimeInterval: 0.1)
            let number = number(in: path)
            if number != last.number { last = (Date(), number) }
            guard -last.at.timeIntervalSinceNow > hangTimeout else { continue }
            // A process that hangs may not react to a signal that can be handled.
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            throw finding(last.number, "was not handled within \(Int(hangTimeout)) s")
        }
        process.waitUntilExit()
        guard process.terminationReason == .exit else {
            throw finding(
                number(in: path), "crashed the process (signal \(process.terminationStatus))")
        }
        guard process.terminationStatus == 0 else { throw ExitCode(process.terminationStatus) }
    }
}
