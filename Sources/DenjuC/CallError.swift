import CDenju

/// The reason why a call failed: its status and one sentence.
struct CallError: Error {
    let status: denju_status
    let message: String

    init(_ status: Status, _ message: String) {
        self.status = status.raw
        self.message = message
    }

    /// An argument that cannot be used.
    static func invalid(_ message: String) -> CallError { CallError(.invalidArgument, message) }

    /// Statuses by Swift names.
    enum Status {
        case invalidArgument, invalidModel, cancelled, busy

        var raw: denju_status {
            switch self {
            case .invalidArgument: DENJU_INVALID_ARGUMENT
            case .invalidModel: DENJU_INVALID_MODEL
            case .cancelled: DENJU_CANCELLED
            case .busy: DENJU_BUSY
            }
        }
    }

    /// Any error as that of a call; `status` is that of errors without their own.
    init(_ error: any Error, else status: Status) {
        switch error {
        case let error as CallError: self = error
        case is CancellationError: self.init(.cancelled, "The labelling was cancelled.")
        default: self.init(status, "\(error)")
        }
    }
}

/// Calls `body`; writes the message of an error to `error` and returns its status.
func reporting(
    to error: UnsafeMutablePointer<denju_error>?, else status: CallError.Status,
    _ body: () throws -> Void
) -> denju_status {
    do {
        try body()
        return DENJU_OK
    } catch let failure {
        let failure = CallError(failure, else: status)
        if let error = unsafe error {
            unsafe failure.message.withCString { unsafe dj_error_write(error, $0) }
        }
        return failure.status
    }
}
