package import Cluster
import Foundation
import Glibc
import Reporting
import Synchronization

extension StopRequest {
    /// A request that Ctrl-C, SIGTERM or SIGUSR1 makes; a second one ends the process at once.
    ///
    /// A process that another manages leaves Ctrl-C, which reaches both, to that one.
    ///
    /// - Parameter consequence: what the process says it does then.
    package static func onSignals(
        isManaged: Bool = false,
        consequence: String = "finishing the step, then writing a checkpoint"
    ) -> StopRequest {
        let request = StopRequest()
        if isManaged { obeyManager() }
        for number in isManaged ? [SIGTERM] : [SIGINT, SIGTERM, SIGUSR1] {
            let name = [SIGINT: "Ctrl-C", SIGTERM: "SIGTERM"][number] ?? "SIGUSR1"
            SignalWatch.on(number) {
                if request.isAsked { _exit(130) }
                complain("\(name): \(consequence) (again to leave at once)")
                request.stop(name)
            }
        }
        return request
    }
}

/// Has something done whenever SIGHUP arrives: what daemons take as a request to read their files
/// anew.
package func onHangUpSignal(_ body: @escaping @Sendable () -> Void) { SignalWatch.on(SIGHUP, body) }

/// Leaves interrupts to whoever started this process, whose word (SIGTERM) is heard though it may
/// have been started by a thread that blocks signals.
package func obeyManager() {
    signal(SIGINT, SIG_IGN)
    SignalWatch.unblock(SIGTERM)
}

/// Does what is to be done when signals come, on a thread of its own.
///
/// A handler puts the signal's number into a pipe, and the thread takes it out: at no moment is a
/// signal dropped, be it that it came before this process had begun or between two of its steps (as
/// would happen to one that is ignored for a moment, since those are not kept).
private enum SignalWatch {
    private static let pipe = Pipe()
    private static let bodies = Mutex<[Int32: [@Sendable () -> Void]]>([:])

    /// Has something done whenever a signal arrives, besides what was to be done before.
    static func on(_ number: Int32, _ body: @escaping @Sendable () -> Void) {
        let isFirst = bodies.withLock { bodies in
            defer { bodies[number, default: []].append(body) }
            return bodies.isEmpty
        }
        if isFirst { start() }
        signal(number, tellOfSignal)
        // It may have been started by a thread that blocks signals, and one may wait already.
        unblock(number)
    }

    static func unblock(_ number: Int32) {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, number)
        unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    private static func start() {
        unsafe signalPipe = pipe.fileHandleForWriting.fileDescriptor
        Thread {
            while let number = pipe.fileHandleForReading.readData(ofLength: 1).first {
                for body in bodies.withLock({ $0[Int32(number)] ?? [] }) { body() }
            }
        }.start()
    }
}

/// Where handlers write; a constant before, since a handler must not initialise anything.
nonisolated(unsafe) private var signalPipe: Int32 = -1

/// All that is done while the process is interrupted.
private func tellOfSignal(_ number: Int32) {
    let kept = errno
    var byte = UInt8(truncatingIfNeeded: number)
    _ = unsafe write(signalPipe, &byte, 1)
    errno = kept
}
