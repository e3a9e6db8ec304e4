import Messages
import Tensors

/// Opens a run's data and networks on a compute thread, so that the session's thread can send
/// heartbeats meanwhile.
struct ContextOpener {
    let settings: WorkerSettings
    let pool: ComputePool
    let numerics: Numerics.Fingerprint

    /// Opens the run that a welcome describes.
    ///
    /// - Parameters:
    ///   - scenes: fetches the scans that are not on this machine.
    ///   - completion: receives the result, on the compute thread.
    func open(
        _ welcome: Welcome, scenes: SceneClient,
        completion: @escaping @Sendable (Result<WorkerContext, WorkerError>) -> Void
    ) {
        pool.submit { [settings, numerics] in
            completion(
                Result { () throws -> WorkerContext in
                    try WorkerContext(
                        welcome, cache: settings.cache, scenes: scenes, streams: settings.streams,
                        numerics: numerics, note: settings.log)
                }.mapError { WorkerError("\($0)") })
        }
    }
}
