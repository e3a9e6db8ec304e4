import Cluster
import Dispatch
import Foundation
import Glibc

extension StopRequest {
    /// A request that Ctrl-C or SIGTERM makes; a second one ends the process at once.
    ///
    /// A process that another manages leaves Ctrl-C, which reaches both, to that one.
    static func onSignals(isManaged: Bool = false) -> StopRequest {
        let request = StopRequest()
        if isManaged { ignoreInterrupts() }
        for number in isManaged ? [SIGTERM] : [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            let name = number == SIGINT ? "Ctrl-C" : "SIGTERM"
            source.setEventHandler {
                if request.isAsked { _exit(130) }
                complain(
                    "\(name): finishing the step, then writing a checkpoint (again to leave at once)"
                )
                request.stop(name)
            }
            source.resume()
            SignalSources.keep(source)
        }
        return request
    }
}

/// Signal sources live as long as the process.
private enum SignalSources {
    nonisolated(unsafe) private static var sources: [any DispatchSourceSignal] = []
    static func keep(_ source: any DispatchSourceSignal) { unsafe sources.append(source) }
}

/// Leaves interrupts to whoever started this process.
func ignoreInterrupts() { signal(SIGINT, SIG_IGN) }
