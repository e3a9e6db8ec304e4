import ArgumentParser
import Foundation

/// Something the user can mend: printed as one sentence; the process then exits with status 2.
struct UserError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

extension ExitCode {
    /// A user's mistake, or a run that cannot go on.
    static let mistake = ExitCode(2)
    /// Asked to end before the work was done; the same command goes on with it (EX_TEMPFAIL).
    static let stopped = ExitCode(75)
}

extension ParsableCommand {
    /// Runs a command's work; an error becomes one sentence on standard error and exit status 2.
    func reporting(_ work: () throws -> Void) throws {
        do {
            try work()
        } catch let exit as ExitCode {
            throw exit
        } catch {
            complain(LaunchSettings.ofThisProcess.attributing(sentence(of: error)))
            throw ExitCode.mistake
        }
    }
}

/// An error in one sentence; Foundation's tell of files in many words otherwise.
private func sentence(of error: any Error) -> String {
    guard let error = error as? CocoaError else { return "\(error)" }
    let path = error.filePath ?? error.url?.path ?? "A file"
    let reason = (error.underlying as? POSIXError)?.localizedDescription
        .replacing("The operation could not be completed. ", with: "")
    return "\(path) cannot be read or written: "
        + (reason ?? "look at the path and its permissions.")
}

/// Refuses numbers of threads that make no sense.
func check(threads: Int) throws {
    guard (1...1024).contains(threads) else {
        throw UserError("--threads is \(threads): give 1 to 1024.")
    }
}

/// Writes a line to standard error.
func complain(_ line: String) { FileHandle.standardError.write(Data("denju: \(line)\n".utf8)) }
