import ArgumentParser
import Foundation

/// Something the user can mend: printed as one sentence; the process then exits with status 2.
struct UserError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

extension ParsableCommand {
    /// Runs a command's work; an error becomes one sentence on standard error and exit status 2.
    func reporting(_ work: () throws -> Void) throws {
        do {
            try work()
        } catch let exit as ExitCode {
            throw exit
        } catch {
            complain("\(error)")
            throw ExitCode(2)
        }
    }
}

/// Writes a line to standard error.
func complain(_ line: String) { FileHandle.standardError.write(Data("denju: \(line)\n".utf8)) }
