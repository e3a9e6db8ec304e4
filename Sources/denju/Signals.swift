import Cluster
import Dispatch
import Foundation
import Glibc

extension StopRequest {
    /// A request that Ctrl-C, SIGTERM or SIGUSR1 makes; a second one ends the process at once.
    ///
    /// A process that another manages leaves Ctrl-C, which reaches both, to that one.
    ///
    /// - Parameter consequence: what the process says it does then.
    static func onSignals(
        isManaged: Bool = false,
        consequence: String = "finishing the step, then writing a checkpoint"
    ) -> StopRequest {
        let request = StopRequest()
        if isManaged { obeyManager() }
        var waiting = sigset_t()
        unsafe sigpending(&waiting)
        for number in isManaged ? [SIGTERM] : [SIGINT, SIGTERM, SIGUSR1] {
            let name = [SIGINT: "Ctrl-C", SIGTERM: "SIGTERM"][number] ?? "SIGUSR1"
            // Whoever was started with signals blocked may have got one already; ignoring it, as a
            // source must, would drop it.
            if unsafe sigismember(&waiting, number) == 1 { request.stop(name) }
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                if request.isAsked { _exit(130) }
                complain("\(name): \(consequence) (again to leave at once)")
                request.stop(name)
            }
            source.resume()
            SignalSources.keep(source)
        }
        return request
    }
}

/// Has something done whenever SIGHUP arrives: what daemons take as a request to read their files
/// anew.
func onHangUpSignal(_ body: @escaping @Sendable () -> Void) {
    signal(SIGHUP, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: SIGHUP, queue: .global())
    source.setEventHandler(handler: body)
    source.resume()
    SignalSources.keep(source)
}

/// Signal sources live as long as the process.
private enum SignalSources {
    nonisolated(unsafe) private static var sources: [any DispatchSourceSignal] = []
    static func keep(_ source: any DispatchSourceSignal) { unsafe sources.append(source) }
}

/// Leaves interrupts to whoever started this process, whose word (SIGTERM) is heard though it may
/// have been started by a thread that blocks signals.
func obeyManager() {
    signal(SIGINT, SIG_IGN)
    var set = sigset_t()
    unsafe sigemptyset(&set)
    unsafe sigaddset(&set, SIGTERM)
    unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
}
