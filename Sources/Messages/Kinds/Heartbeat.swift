/// A worker is alive and has come this far.
///
/// The session's thread sends it, and compute threads advance its progress count: a coordinator
/// sees that way if a computation hangs while the worker answers.
package struct Heartbeat: Message {
    package static let kind: MessageKind = 12

    /// A count that grows whenever a computing thread makes progress.
    package var progress: UInt64
    /// The worker's current phase.
    package var phase: UInt8
    /// Micro-shards that the worker, or the workers behind a relay, compute at once.
    ///
    /// The number changes while workers join and leave a relay.
    package var threads: UInt32
    /// Workers that the sender represents: itself, or the workers behind a relay.
    package var workers: UInt32

    package static let layout = Layout(
        Heartbeat.init(progress:phase:threads:workers:),
        .value("progress", \.progress),
        .value("phase", \.phase),
        .value("threads", \.threads),
        .value("workers", \.workers)
    )
    .rejecting {
        $0.threads == 0 || $0.workers == 0 ? "stands for no worker, or one of no threads" : nil
    }

    /// A message with the given fields.
    package init(progress: UInt64, phase: UInt8, threads: UInt32 = 1, workers: UInt32 = 1) {
        self.progress = progress
        self.phase = phase
        self.threads = threads
        self.workers = workers
    }
}
