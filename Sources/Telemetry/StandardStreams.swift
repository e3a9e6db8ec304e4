internal import Glibc
internal import Synchronization

/// The standard streams of the process.
///
/// Progress and messages are no part of the work: whatever happens to standard error, a process goes
/// on (see ``StandardError``). Results are: a command that cannot write them fails (see
/// ``StandardOutput``).
package enum StandardStreams {
    /// Prepares the streams; called once, before the process opens a file.
    ///
    /// A closed descriptor is occupied, and the signals of failed writes are ignored.
    package static func prepare() {
        for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) == -1 {
            // The next file that is opened would get the number, and messages would be written into
            // it. Opened in the wrong direction, the stream still fails when it is used.
            _ = unsafe open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY)
        }
        // A closed pipe (SIGPIPE) or a limit of the size of files (SIGXFSZ) would end the process;
        // ignored, the write returns an error like that of a full disk.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
    }

    /// Ends the process as the system ends a program whose reader has gone, such as `head`.
    package static func endByBrokenPipe() -> Never {
        signal(SIGPIPE, SIG_DFL)
        raise(SIGPIPE)
        // The signal may be blocked; 141 is how a shell shows it.
        _exit(128 + SIGPIPE)
    }

    /// Writes text to a descriptor; returns the reason if a part of it could not be written.
    ///
    /// - Parameter patience: milliseconds to wait for a reader that does not read.
    static func write(_ text: String, to descriptor: Int32, patience: Int32) -> WriteFailure? {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            let ready = unsafe poll(&wait, 1, patience)
            if ready == 0 { return .stalled }
            if ready < 0, errno != EINTR { return .system(errno) }
            if ready < 0 { continue }
            // A pipe that is ready takes this many bytes without blocking.
            let count = unsafe rest.prefix(Int(PIPE_BUF)).withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0 {
                if errno == EINTR || errno == EAGAIN { continue }
                return .system(errno)
            }
            rest = rest.dropFirst(count)
        }
        return nil
    }
}

/// The reason for which text could not be written to a stream.
package enum WriteFailure: Equatable, Sendable, CustomStringConvertible {
    /// The reader does not read.
    case stalled
    /// An error of the system, by its number.
    case system(Int32)

    /// Whether the reader has gone.
    package var isBrokenPipe: Bool { self == .system(EPIPE) }

    /// The reason as a clause.
    package var description: String {
        switch self {
        case .stalled: "its reader does not read"
        case .system(let code):
            unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        }
    }
}

/// Standard error, for messages and progress.
///
/// A text that cannot be written, on a full disk or a closed terminal, is dropped, and the next text
/// that can be written follows a remark on the number of dropped ones. A reader that does not read
/// delays the process for a second once.
package enum StandardError {
    private struct State {
        var dropped = 0
        var failure: WriteFailure?
    }

    private static let state = Mutex(State())
    private static let patience: Int32 = 1000

    /// Writes text as it is.
    package static func write(_ text: String) {
        state.withLock { state in
            var text = text
            if let failure = state.failure {
                text =
                    "denju: \(state.dropped) messages could not be written here: \(failure)\n"
                    + text
            }
            let failure = StandardStreams.write(
                text, to: 2, patience: state.failure == .stalled ? 0 : patience)
            state.dropped = failure == nil ? 0 : state.dropped + 1
            state.failure = failure
        }
    }
}

/// Standard output, for results.
package enum StandardOutput {
    // The result is all that the command is for: its reader decides how long that takes.
    private static let patience = Int32.max

    private static let first = Mutex<WriteFailure?>(nil)

    /// The failure of the first text that could not be written; nil if all were.
    package static var failure: WriteFailure? { first.withLock { $0 } }

    /// Writes text, unless an earlier one could not be written.
    package static func write(_ text: String) {
        first.withLock { first in
            guard first == nil else { return }
            first = StandardStreams.write(text, to: 1, patience: patience)
        }
    }

    /// Writes text that is not the command's result; returns the reason if it could not be written.
    package static func writeSummary(_ text: String) -> WriteFailure? {
        first.withLock { first in
            guard first == nil else { return nil }
            return StandardStreams.write(text, to: 1, patience: patience)
        }
    }
}
