import Synchronization

/// A counter of finished phases of micro-shards, advanced by compute threads.
///
/// Heartbeats carry its value: a worker whose session answers while its computation hangs is then
/// visible to the coordinator.
final class ProgressCounter: Sendable {
    private let count = Atomic<UInt64>(0)

    /// The number of phases finished so far.
    var value: UInt64 { count.load(ordering: .relaxed) }

    /// Records a finished phase.
    func advance() { count.wrappingAdd(1, ordering: .relaxed) }
}
