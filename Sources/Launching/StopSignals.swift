package import Cluster
import Foundation
import Glibc
import Reporting
import Synchronization

extension StopRequest {
    /// A request that Ctrl-C, SIGTERM or SIGUSR1 makes; a second signal ends the process at once.
    ///
    /// A managed process ignores Ctrl-C, which a terminal sends to its manager as well.
    ///
    /// - Parameter consequence: what the process does next, as printed on the first signal.
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
                printMessage("\(name): \(consequence) (again to leave at once)")
                request.stop(name)
            }
        }
        return request
    }
}

/// Calls a closure whenever SIGHUP arrives, the usual request to a daemon to reload its files.
package func onHangUpSignal(_ body: @escaping @Sendable () -> Void) { SignalWatch.on(SIGHUP, body) }

/// Ignores Ctrl-C, which the process's manager handles, and unblocks the SIGTERM that the manager
/// sends.
///
/// Foundation's `Process` starts children from dispatch threads, which block signals; the child
/// inherits the mask.
package func obeyManager() {
    signal(SIGINT, SIG_IGN)
    SignalWatch.unblock(SIGTERM)
}

/// Runs closures on a thread of its own when signals arrive.
///
/// The handler writes the signal's number to a pipe, and the thread reads it. A dispatch source
/// would require that the signal be ignored first, and a signal that arrives meanwhile is lost: a
/// worker that was told to leave at that moment kept calling its coordinator until its timeout.
private enum SignalWatch {
    private static let pipe = Pipe()
    private static let bodies = Mutex<[Int32: [@Sendable () -> Void]]>([:])

    /// Calls a closure whenever a signal arrives, after the closures registered before.
    static func on(_ number: Int32, _ body: @escaping @Sendable () -> Void) {
        let isFirst = bodies.withLock { bodies in
            defer { bodies[number, default: []].append(body) }
            return bodies.isEmpty
        }
        if isFirst { start() }
        signal(number, forwardSignal)
        // The signal mask is inherited from a thread that may block signals, and a signal may be
        // pending already.
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

/// The writing end of the pipe.
// It begins as a constant, since a signal handler must not run a lazy initialiser.
nonisolated(unsafe) private var signalPipe: Int32 = -1

/// The signal handler: async-signal-safe calls only, and `errno` restored.
private func forwardSignal(_ number: Int32) {
    let saved = errno
    var byte = UInt8(truncatingIfNeeded: number)
    _ = unsafe write(signalPipe, &byte, 1)
    errno = saved
}
