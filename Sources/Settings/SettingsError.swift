import Synchronization

/// Setting that cannot be used: one sentence with file, line and reason.
package struct SettingsError: Error, CustomStringConvertible, Equatable {
    /// The sentence.
    package let description: String
    /// The sentence without file and line.
    package let reason: String

    /// The given sentence.
    package init(_ description: String) { (self.description, reason) = (description, description) }

    /// A sentence that begins with the file and, where known, the line.
    package init(file: String, line: Int?, _ reason: String) {
        self.reason = reason
        description = line.map { "\(file), line \($0): \(reason)" } ?? "\(file): \(reason)"
    }
}

/// Notes about settings that were read although they could be written better.
package final class SettingsNotes: Sendable {
    private let sentences = Mutex<[String]>([])

    /// No notes.
    package init() {}

    /// The notes so far, each once, in the order in which they were made.
    package var all: [String] { sentences.withLock { $0 } }

    /// Adds a sentence, unless it is there already.
    package func add(_ sentence: String) {
        sentences.withLock { if !$0.contains(sentence) { $0.append(sentence) } }
    }
}
