/// Decides which arithmetic a run has: that of the workers that compute its first gradient.
///
/// The first hello decides nothing for good, since its sender may never compute anything, and all
/// others would be rejected. Workers of several kinds never compute a step together. Pure; time is an
/// argument.
package struct NumericsElection {
    /// Treatment of a worker that introduces itself.
    package enum Verdict: Equatable {
        /// It computes the run's arithmetic.
        case admit
        /// It computes another one.
        case reject(expected: String)
        /// Others that compute another one have the first attempt; it is not answered, and calls again.
        case wait(expected: String)
        /// It computes this machine's arithmetic, and the present workers must leave.
        case replace
    }

    /// This machine's canary.
    private let own: String
    /// The run's canary; nil until it is committed.
    private(set) var committed: String?
    /// The canary of the workers that attempt the first step.
    private var attempting: String?
    /// The canary that was abandoned last, and when.
    private var abandoned: (canary: String, at: Duration)?
    /// Time at which a worker was last told to wait.
    private var lastWait: Duration?

    /// An election at a machine that has a canary; `committed` is that of an earlier coordinator.
    package init(own: String, committed: String?) {
        self.own = own
        self.committed = committed
    }

    /// Judges a worker's canary.
    ///
    /// - Parameters:
    ///   - hasOthers: whether workers that were admitted are present.
    ///   - patience: the time for which an abandoned canary stands back.
    package mutating func judge(
        _ canary: String, hasOthers: Bool, patience: Duration, at now: Duration
    ) -> Verdict {
        if let committed { return canary == committed ? .admit : .reject(expected: committed) }
        guard hasOthers, let attempting else {
            if let abandoned, abandoned.canary == canary, now - abandoned.at < patience {
                return .wait(expected: own)
            }
            self.attempting = canary
            return .admit
        }
        if canary == attempting { return .admit }
        if canary == own {
            self.attempting = canary
            return .replace
        }
        if attempting == own { return .reject(expected: own) }
        lastWait = now
        return .wait(expected: attempting)
    }

    /// Ends the election: a gradient of the whole mini-batch was computed; returns the run's canary.
    package mutating func commit() -> String? {
        if committed == nil { committed = attempting }
        return committed
    }

    /// Whether the present workers must leave: others wait, and nothing has advanced for too long.
    package mutating func abandonsAttempt(
        standstill: Duration, heartbeatTimeout: Duration, at now: Duration
    ) -> Bool {
        guard committed == nil, let attempting, attempting != own, let lastWait,
            now - lastWait < heartbeatTimeout * 3, standstill > heartbeatTimeout * 6
        else { return false }
        abandoned = (attempting, now)
        self.attempting = nil
        self.lastWait = nil
        return true
    }
}
