import Foundation

/// Writes a line to standard error.
package func complain(_ line: String) {
    FileHandle.standardError.write(Data("denju: \(line)\n".utf8))
}
