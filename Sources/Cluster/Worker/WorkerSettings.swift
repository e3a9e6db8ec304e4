import Foundation
package import ZeroMQ

/// The settings of a worker.
package struct WorkerSettings: Sendable {
    /// The coordinator's address.
    package var address: CoordinatorAddress
    /// The keys of the coordinator and of this worker.
    package var security: Security
    /// Reads the keys again before each call, so that they can be replaced while the worker runs;
    /// nil if they never change.
    package var reloadKeys: (@Sendable () throws -> Security)?
    /// The worker's name in records.
    package var name: String
    /// The number of micro-shards computed at once.
    package var threads: Int
    /// The folder of fetched teachers and scans.
    package var cache: String
    /// The size of the scans kept there, bytes.
    package var cacheLimit: Int
    /// Whether the worker waits for work until another one is lost; its threads then run only while
    /// no other thread of the machine wants to.
    package var isStandby: Bool
    /// Whether scans come from the coordinator although this machine has files of them.
    package var streams: Bool
    /// The longest absence of the coordinator before the worker gives up.
    package var timeout: Duration
    /// A request that the worker leave.
    package var stop: StopRequest
    /// Called at most a few times per second while the worker hears its coordinator or calls it.
    package var pulse: @Sendable () -> Void
    /// Receives sentences for the user.
    package var log: @Sendable (String) -> Void

    /// The size of the scans kept unless specified, bytes.
    package static let standardCacheLimit = 20_000_000_000

    /// Settings of a worker.
    package init(
        address: CoordinatorAddress, security: Security = .none, name: String, threads: Int = 1,
        isStandby: Bool = false, cache: String, cacheLimit: Int = standardCacheLimit,
        streams: Bool = false,
        timeout: Duration = .seconds(120), stop: StopRequest = StopRequest(),
        pulse: @escaping @Sendable () -> Void = {}, log: @escaping @Sendable (String) -> Void
    ) {
        self.address = address
        self.security = security
        self.name = name
        self.threads = threads
        self.isStandby = isStandby
        self.cache = cache
        self.cacheLimit = cacheLimit
        self.streams = streams
        self.timeout = timeout
        self.stop = stop
        self.pulse = pulse
        self.log = log
    }
}
