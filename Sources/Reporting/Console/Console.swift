import Foundation

/// Writes a line to standard error, after the program's name.
package func printMessage(_ line: String) {
    FileHandle.standardError.write(Data("denju: \(line)\n".utf8))
}
