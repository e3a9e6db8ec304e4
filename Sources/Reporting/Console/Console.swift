import Telemetry

/// Writes a line to standard error, after the program's name.
///
/// A message that cannot be written is dropped: see ``StandardError``.
package func printMessage(_ line: String) {
    StandardError.write("denju: \(line.visible())\n")
}

/// Writes a result to standard output; a command that cannot write it ends with status 2.
///
/// In every file that imports this module it takes the place of the standard library's `print`, which
/// reports no error.
// With another signature it would be an overload, and the compiler would choose the standard library's
// for some calls.
package func print(_ items: Any..., separator: String = " ", terminator: String = "\n") {
    let text = items.map { "\($0)" }.joined(separator: separator)
    StandardOutput.write(text.visible(keepingLines: true) + terminator)
}

/// Writes a summary of written files to standard output.
///
/// The files are the command's result: if the summary cannot be written, the status is unchanged.
package func printSummary(_ value: Any, terminator: String = "\n") {
    let text = "\(value)".visible(keepingLines: true) + terminator
    guard let failure = StandardOutput.writeSummary(text), !failure.isBrokenPipe else { return }
    printMessage(
        "standard output cannot be written (\(failure)): the summary is lost, the files are complete."
    )
}
