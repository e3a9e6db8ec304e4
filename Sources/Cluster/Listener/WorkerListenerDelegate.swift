import Messages

/// Owner of a ``WorkerListener``.
protocol WorkerListenerDelegate: AnyObject {
    /// A client that may take part introduced itself.
    func didReceiveHello(_ hello: Hello, from caller: WorkerListener.Caller)
    /// A worker was admitted and will be welcomed.
    func didAdmit(_ worker: WorkerID, _ hello: Hello)
    /// An admitted worker sent a message.
    func didReceive(_ message: WireMessage, from worker: WorkerID)
    /// A worker is lost: the delegate removes it from ``WorkerListener/peers``.
    func didLose(_ worker: WorkerID, _ reason: LossReason)
    /// The answer to a client that asks for the run's status.
    func answer(_ request: StatusRequest) throws -> WireMessage
    /// Records an event.
    func record(_ event: ClusterEvent)
}
