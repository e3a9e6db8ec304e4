/// Change of a coordinator's or relay's workers, or of the trust in them.
package enum ClusterEvent: Sendable, Equatable {
    /// A worker was admitted.
    case joined(WorkerID, name: String, threads: Int, blasCore: String)
    /// A worker was removed, and so many pieces of its work were leased to others.
    case lost(WorkerID, name: String, reason: LossReason, reissued: Int)
    /// A client was not admitted.
    case rejected(RejectionReason)
    /// A worker was admitted although its arithmetic differs from the run's.
    case admittedDespite(NumericsMismatch)
    /// The connection of a client that is not a worker was closed.
    case disconnected(ConnectionViolation)
    /// A client that belongs to another run, to an earlier epoch, or was given up, is told to
    /// connect anew.
    case outdated(isOfThisRun: Bool)
    /// Two workers have different gradients for the same micro-shards.
    case contradicted(step: Int, shards: Range<Int>, first: String, second: String)
    /// The keys that may join have changed.
    case keysChanged(folder: String, count: Int)
    /// The keys cannot be read, for this reason.
    case keysUnusable(String)
    /// The listener's own key has changed.
    case ownKeyChanged(fingerprint: String)
    /// A client was rejected for its key, for a reason in a sentence.
    case keyRejected(String, folder: String?)
    /// A client's handshake failed before its key was known.
    case handshakeFailed(withKeys: Bool)
    /// So many remarks on clients were left out since the last one.
    case remarksOmitted(Int)
}

/// Reason for which a client is not admitted.
package enum RejectionReason: Sendable, Equatable {
    /// Its arithmetic differs from the run's.
    case numerics(NumericsMismatch)
    /// Its message cannot be read, for this reason.
    case malformedMessage(String)
}

/// Difference between a worker's arithmetic and the run's.
package struct NumericsMismatch: Sendable, Equatable {
    /// The worker, as records name it.
    package let worker: String
    /// Its version of denju.
    package let version: String
    /// The hash of its canary computation.
    package let found: String
    /// The run's.
    package let expected: String
}

extension NumericsMismatch {
    /// The mismatch as a person reads it.
    var diagnostic: Diagnostic {
        let difference =
            "computes other bits than this run (canary \(found.prefix(8)) instead of "
            + "\(expected.prefix(8)))"
        let warn = "or start the coordinator with --numerics warn."
        // Two versions may compute different bits on one processor: then no processor would help.
        guard version == Version.current else {
            return Diagnostic(
                .failure, of: worker,
                difference + " and runs denju \(version) instead of \(Version.current)",
                remedy: "install the same version on all machines, \(warn)")
        }
        return Diagnostic(
            .failure, of: worker, difference,
            remedy: "use a processor with fused multiply-add (AVX2, AVX-512 or Arm), \(warn)")
    }
}

extension RejectionReason: CustomStringConvertible {
    /// A sentence, which the client is sent.
    package var description: String {
        switch self {
        case .numerics(let mismatch): "\(mismatch.diagnostic)"
        case .malformedMessage(let reason): reason
        }
    }
}

extension ClusterEvent {
    /// The event as a person reads it.
    package var diagnostic: Diagnostic {
        switch self {
        case .joined(let worker, let name, let threads, let blasCore):
            return Diagnostic(
                .note, of: "worker \(worker)",
                "joins: \(name), \(threads) threads, OpenBLAS core \(blasCore)")
        case .lost(let worker, let name, let reason, let reissued):
            let consequence = "\(reissued) pieces of its work are given to others"
            return Diagnostic(
                .warning, of: "worker \(worker) (\(name))",
                "is gone: \(reason)" + (reissued > 0 ? "; \(consequence)" : ""))
        case .rejected(let reason): return Diagnostic(.warning, "rejected: \(reason)")
        case .admittedDespite(let mismatch):
            return Diagnostic(.warning, "admitted despite --numerics: \(mismatch.diagnostic)")
        case .disconnected(let violation):
            return Diagnostic(.warning, of: "a client", "is disconnected: \(violation)")
        case .outdated(let isOfThisRun):
            return Diagnostic(
                .note,
                of: isOfThisRun
                    ? "a worker that was given up"
                    : "a worker of another run or an earlier coordinator",
                "is told to connect anew")
        case .contradicted(let step, let shards, let first, let second):
            return Diagnostic(
                .warning, of: "\(first) and \(second)", at: "step \(step + 1)",
                "have different gradients for micro-shards \(shards.lowerBound) to "
                    + "\(shards.upperBound - 1), so one of these machines computes wrongly; the "
                    + "result that came first counts",
                remedy: "test their memory and processors.")
        case .keysChanged(let folder, let count):
            return Diagnostic(.note, "the keys in \(folder) have changed: \(count) may join now")
        case .keysUnusable(let reason):
            return Diagnostic(.warning, "\(reason) The keys that were read before stay in force.")
        case .ownKeyChanged(let fingerprint):
            return Diagnostic(
                .note,
                "the key of this process has changed: clients that connect from now on require the "
                    + "public key \(fingerprint)")
        case .keyRejected(let reason, let folder):
            let remedy = folder.map { " If it may join, add its .pub file to \($0)." } ?? ""
            return Diagnostic(.warning, "rejected: \(reason)\(remedy)")
        case .handshakeFailed(let withKeys):
            return Diagnostic(
                .warning, of: "a client", "is rejected, because its handshake failed",
                remedy: withKeys
                    ? "if it is a worker, check its --key and that its --server is this process's .pub."
                    : "if it is a worker, start it without keys, or this process with keys.")
        case .remarksOmitted(let count):
            return Diagnostic(.note, "\(count) further remarks on clients were left out")
        }
    }
}

extension ClusterEvent: CustomStringConvertible {
    /// The event in one line.
    package var description: String { "\(diagnostic)" }
}
