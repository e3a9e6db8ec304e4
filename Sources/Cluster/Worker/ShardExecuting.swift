/// Carries out the computations that a ``WorkerMachine`` asks for.
///
/// Results arrive asynchronously, as ``JobResult``s: an executor never makes its caller wait.
/// ``ShardExecutor`` computes on threads; a simulation supplies results at times of its own.
package protocol ShardExecuting: AnyObject {
    /// The number of phases of micro-shards finished so far.
    ///
    /// It stands still while every thread hangs, which a heartbeat alone does not show.
    var progress: UInt64 { get }
    /// Gives computations the usual priority, once a standby worker takes part in steps.
    func leaveStandby()
    /// Starts the computation of an action.
    ///
    /// - Returns: false for actions that are not computations.
    func execute(_ action: WorkerMachine.Action) -> Bool
}

/// The result of a job of an executor.
package enum JobResult: Sendable {
    /// An event for the worker's machine.
    case event(WorkerMachine.Event)
    /// The reason why a job failed, as a sentence.
    case failure(String)
    /// The numbers of a job are not finite: what and where, as a sentence.
    case divergence(String)
}
