package import Cluster
import Foundation
import Glibc
import Reporting
import Synchronization

extension StopRequest {
    /// A request that Ctrl-C, SIGTERM, SIGUSR1 or the end of the terminal (SIGHUP) makes; a second
    /// signal other than SIGHUP ends the process at once.
    ///
    /// A managed process ignores Ctrl-C and SIGHUP, which a terminal sends to its manager as well.
    ///
    /// - Parameters:
    ///   - hangUpReloads: whether SIGHUP means that files are read again (see ``onHangUpSignal(_:)``).
    ///   - consequence: what the process does next, as printed on the first signal.
    package static func onSignals(
        isManaged: Bool = false, hangUpReloads: Bool = false,
        consequence: String = "finishing the step, then writing a checkpoint"
    ) -> StopRequest {
        let request = StopRequest()
        if isManaged { obeyManager() }
        let signals: KeyValuePairs =
            isManaged
            ? [SIGTERM: "SIGTERM"]
            : [SIGINT: "Ctrl-C", SIGTERM: "SIGTERM", SIGUSR1: "SIGUSR1"]
        let hasHungUp = Mutex(false)
        for (number, name) in signals {
            SignalWatch.on(number) {
                // A session that ends may send SIGTERM after SIGHUP, to the same end.
                let isSecond = hasHungUp.withLock { hasHungUp in
                    defer { hasHungUp = false }
                    return request.isAsked && !hasHungUp
                }
                if isSecond { _exit(130) }
                printMessage("\(name): \(consequence) (again to leave at once)")
                request.stop(name)
            }
        }
        // `nohup` ignores SIGHUP for the program that it starts.
        if !isManaged, !hangUpReloads, !SignalWatch.isIgnored(SIGHUP) {
            SignalWatch.on(SIGHUP) {
                // A terminal that closes sends it twice: by way of the shell, and by the system.
                guard !request.isAsked else { return }
                hasHungUp.withLock { $0 = true }
                printMessage("SIGHUP: \(consequence)")
                request.stop("SIGHUP")
            }
        }
        return request
    }
}

/// Calls a closure whenever SIGHUP arrives, the usual request to a daemon to reload its files.
package func onHangUpSignal(_ body: @escaping @Sendable () -> Void) { SignalWatch.on(SIGHUP, body) }

/// Ignores Ctrl-C and SIGHUP, which the process's manager handles, and unblocks the SIGTERM that the
/// manager sends.
///
/// Foundation's `Process` starts children from dispatch threads, which block signals; the child
/// inherits the mask.
package func obeyManager() {
    signal(SIGINT, SIG_IGN)
    signal(SIGHUP, SIG_IGN)
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

    static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard unsafe sigaction(number, nil, &action) == 0 else { return false }
        // Function pointers cannot be compared; SIG_IGN is the address 1.
        return unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
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
