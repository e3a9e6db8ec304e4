import Cluster
import Dispatch
import Foundation
import Glibc

extension StopRequest {
    /// A request that Ctrl-C or SIGTERM makes; a second one ends the process at once.
    static func onSignals() -> StopRequest {
        let request = StopRequest()
        for number in [SIGINT, SIGTERM] {
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
