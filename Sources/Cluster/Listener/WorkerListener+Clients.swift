import Messages
import ZeroMQ

// Clients that are not admitted.

extension WorkerListener {
    /// Answers a client that asks for the run's status.
    func answerStatus(_ message: ReceivedMessage, _ envelope: Envelope) throws {
        guard mayAsk(message.connection, userID: message.userID),
            let request = try WireMessage(envelope, message.frames).message as? StatusRequest,
            let answer = try delegate?.answer(request)
        else { return }
        try send(answer.frames(run: session.run, epoch: session.epoch), at: message.route)
    }

    /// Whether a client may introduce itself or ask for the status; closes its connection otherwise.
    ///
    /// The answer costs as much as reading 49 messages more, so that asking without end is a flood
    /// long before it delays workers. Connecting anew does not help: answers are counted by key, too.
    func mayAsk(_ connection: Connection?, userID: String?) -> Bool {
        if let connection,
            case .close(let violation) = limiter.judge(
                connection, bytes: 0, price: 49, at: clock.now)
        {
            close(connection, violation)
            return false
        }
        guard mayJoin(userID) else {
            if let connection { close(connection) }
            return false
        }
        guard admissions.take(userID, at: clock.now, timeout: timeout) else {
            if let connection { close(connection, .admissions(limits.admissions)) }
            return false
        }
        return true
    }

    /// Answers a client of another run or epoch, or one that was given up and is not dead, with a run
    /// or epoch other than its own, whereupon it connects anew.
    func requestReconnection(_ route: Route, _ envelope: Envelope) {
        let isOfThisSession = (envelope.run, envelope.epoch) == session
        remark("\(envelope.run)/\(envelope.epoch)", .outdated(isOfThisRun: isOfThisSession))
        // Without an answer, the client would wait for its heartbeat timeout.
        guard
            let frames = try? WireMessage(HeartbeatReply()).frames(
                run: isOfThisSession ? .none : session.run,
                epoch: isOfThisSession ? 0 : session.epoch)
        else { return }
        try? transport.send(frames, to: route)
    }

    /// Answers a client that is not admitted with the reason.
    func reject(_ route: Route, _ reason: RejectionReason) {
        remark("\(reason)", .rejected(reason))
        // A reason may quote the client's own bytes; a sentence in a message has a limit.
        let refusal = WireMessage(Refusal(reason: String("\(reason)".prefix(1000))))
        try? send(refusal.frames(run: session.run, epoch: session.epoch), at: route)
    }
}
