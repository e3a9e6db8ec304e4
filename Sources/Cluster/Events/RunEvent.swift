package import Telemetry
package import Training
package import ZeroMQ

/// Event of a run, as its coordinator records it.
package enum RunEvent: Sendable {
    /// The coordinator listens at an address, about to take the step after this many.
    case listening(Endpoint, step: Int)
    /// The run's workers, or the trust in them, have changed.
    case cluster(ClusterEvent)
    /// A remark for a person.
    case diagnostic(Diagnostic)
    /// The sizes of student and teacher.
    case compression(Compression)
    /// Work was delivered since this was recorded last, or so many workers are missing (at least
    /// one); `step` steps are completed.
    case progress(step: Int, missingWorkers: Int)
    /// A step is completed.
    case step(StepSummary)
    /// Validation samples so far, of all.
    case validating(done: Int, of: Int)
    /// A validation is completed.
    case validated(ValidationSummary)
    /// The run's status, several times per heartbeat timeout.
    case status(RunStatus)
    /// A checkpoint is on disk.
    case saved(folder: String)
}

extension RunEvent {
    /// A remark that the run continues as planned.
    static func note(_ text: String) -> RunEvent { .diagnostic(Diagnostic(.note, text)) }

    /// A remark on something wrong that the run tolerates.
    static func warning(_ text: String) -> RunEvent { .diagnostic(Diagnostic(.warning, text)) }
}
