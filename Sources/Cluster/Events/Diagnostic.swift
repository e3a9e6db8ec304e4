/// A remark for a person: something that happened to a subject, where, why, and what to do.
///
/// Code decides by the types of events and reasons; a diagnostic becomes text only where it is
/// shown.
package struct Diagnostic: Sendable, Equatable {
    /// Gravity of a diagnostic.
    package enum Kind: Sendable, Equatable {
        /// The run continues as planned.
        case note
        /// Something is wrong that the run tolerates.
        case warning
        /// The run, or a worker's part in it, cannot continue.
        case failure
    }

    /// The gravity.
    package var kind: Kind
    /// The thing it happened to; empty where the reason names it.
    package var subject: String
    /// The step, file or address at which it happened.
    package var location: String?
    /// The event: a predicate of the subject, or a clause.
    package var reason: String
    /// The way to mend it.
    package var remedy: String?

    /// A diagnostic.
    package init(
        _ kind: Kind, of subject: String = "", at location: String? = nil, _ reason: String,
        remedy: String? = nil
    ) {
        self.kind = kind
        self.subject = subject
        self.location = location
        self.reason = reason
        self.remedy = remedy
    }
}

extension Diagnostic: CustomStringConvertible {
    /// One line: location, subject and reason, then the remedy behind a colon.
    package var description: String {
        let clause = subject.isEmpty ? reason : "\(subject) \(reason)"
        return (location.map { "\($0): " } ?? "") + clause + (remedy.map { ": \($0)" } ?? "")
    }
}
