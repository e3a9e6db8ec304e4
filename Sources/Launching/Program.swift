package import ArgumentParser
import Cluster
import Foundation
import Glibc
import Reporting
import Telemetry

extension ExitCode {
    /// A user's mistake, or a run that cannot continue.
    package static let mistake = ExitCode(2)
    /// A training that has diverged: the run continues only with other settings.
    package static let diverged = ExitCode(3)
    /// Some of the files could not be used; the others were.
    package static let incomplete = ExitCode(3)
    /// The process was asked to stop before its work was done; the same command continues it
    /// (EX_TEMPFAIL).
    package static let stopped = ExitCode(75)
}

extension ParsableCommand {
    /// Parses the arguments and runs the command that they name.
    ///
    /// Arguments that cannot be parsed end like any other mistake: one sentence and status 2. So does
    /// a result that standard output does not take.
    ///
    /// - Parameter attributing: adds the source of the options that a sentence names.
    // ArgumentParser's own main prints the usage, ends with status 64, and ignores failed writes.
    package static func runProgram(
        _ arguments: [String], attributing: (String) -> String = { $0 }
    ) -> Never {
        StandardStreams.prepare()
        do {
            var command = try parseAsRoot(arguments)
            try command.run()
            end(.success)
        } catch {
            let code = exitCode(for: error)
            // Help and version are results too.
            if code == .success { print(fullMessage(for: error)) }
            guard code == .validationFailure else { end(code) }
            let names = configuration.subcommands.map { command in
                command.configuration.commandName ?? "\(command)".lowercased()
            }
            let name = CommandLine.arguments.dropFirst().first { names.contains($0) }
            let sentence = message(for: error).split(whereSeparator: \.isNewline)
                .map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: " ")
            let stop = sentence.last.map { ".?!".contains($0) } == true ? "" : "."
            let program = configuration.commandName ?? "denju"
            let help = ([program] + (name.map { [$0] } ?? []) + ["--help"]).joined(separator: " ")
            printMessage("\(attributing("\(sentence)\(stop)")) See '\(help)'.")
            end(.mistake)
        }
    }

    /// Ends the process, with another status if its result could not be written.
    private static func end(_ code: ExitCode) -> Never {
        guard code == .success, let failure = StandardOutput.failure else {
            Glibc.exit(code.rawValue)
        }
        if failure.isBrokenPipe { StandardStreams.endByBrokenPipe() }
        printMessage(
            "Standard output cannot be written (\(failure)): the result is incomplete; direct it "
                + "elsewhere.")
        Glibc.exit(ExitCode.mistake.rawValue)
    }

    /// Runs a command's work; an error becomes one sentence on standard error and exit status 2.
    ///
    /// - Parameter attributing: adds the source of the options that a sentence names.
    package func reportingErrors(
        attributing: (String) -> String, _ work: () throws -> Void
    ) throws {
        do {
            try work()
        } catch let exit as ExitCode {
            throw exit
        } catch let divergence as RunDivergence {
            // Told apart from mistakes: a supervisor must not start this run again.
            printMessage("\(divergence)")
            throw ExitCode.diverged
        } catch {
            printMessage(attributing(sentence(of: error)))
            throw ExitCode.mistake
        }
    }
}

/// An error in one sentence; Foundation's errors about files would take several.
func sentence(of error: any Error) -> String {
    guard let error = error as? CocoaError else { return "\(error)" }
    let path = error.filePath ?? error.url?.path ?? "A file"
    let reason = (error.underlying as? POSIXError)?.localizedDescription
        .replacing("The operation could not be completed. ", with: "")
    return "\(path) cannot be read or written: "
        + (reason ?? "look at the path and its permissions.")
}

/// Refuses numbers of threads outside 1 to 1024.
package func check(threads: Int) throws {
    guard (1...1024).contains(threads) else {
        throw UserError("--threads is \(threads): give 1 to 1024.")
    }
}
