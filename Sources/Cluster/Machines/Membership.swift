import Training

/// Records which workers there are and which part each of them plays.
///
/// A pure value without sockets or work. Silence is judged here and nowhere else: ``expired(at:)``
/// names the workers to remove. A relay counts as one member that stands for several workers.
struct Membership: Sendable {
    /// A member from which nothing is received for longer is taken for dead.
    let timeout: Duration
    private var members: [WorkerID: Member] = [:]
    /// The active members, by number.
    private(set) var active: [WorkerID] = []
    /// The standby members, by number: the one that joined first comes first.
    private(set) var standby: [WorkerID] = []
    /// Members that have not been told which micro-shards to prepare for their first full step.
    ///
    /// A set beside the records, since it is looked at after every message and nearly always empty.
    private(set) var unprimed: Set<WorkerID> = []
    /// Threads of lost active members that no member has replaced.
    private(set) var lostCapacity = 0
    /// The step or version at which an active member was lost last.
    private var lastLoss: Int?
    /// Time at which a member last became ready.
    private var lastReady = Duration.zero

    /// No members.
    init(timeout: Duration) { self.timeout = timeout }

    /// The record of a member.
    subscript(worker: WorkerID) -> Member? { members[worker] }

    /// Micro-shards that the active members compute at once.
    var threads: Int { active.reduce(0) { $0 + members[$1]!.threads } }

    /// Workers that take part: active ones, with those behind relays but without the relays.
    var workerCount: Int { active.reduce(0) { $0 + members[$1]!.workerCount } }

    // MARK: Joining and leaving

    /// Records that a worker has connected and prepares.
    ///
    /// - Parameter identity: the same for one worker that connects several times.
    mutating func join(
        _ worker: WorkerID, threads: Int = 1, identity: String? = nil, at now: Duration
    ) {
        guard members[worker] == nil else { return }
        members[worker] = Member(
            .joining, threads: max(threads, 1), identity: identity ?? "\(worker)", heardAt: now)
    }

    /// Records that a worker is ready, or that a ready one has another capacity than before.
    ///
    /// An active member stays active, also if it now asks for standby.
    ///
    /// - Returns: the members that became active, in order.
    mutating func ready(
        _ worker: WorkerID, threads: Int, workerCount: Int, isStandby: Bool, at now: Duration
    ) -> [WorkerID] {
        lastReady = now
        let known = members[worker]
        var member = known ?? Member(.joining, identity: "\(worker)", heardAt: now)
        member.threads = max(threads, 1)
        member.workerCount = max(workerCount, 1)
        if known?.role != .active { member.lastHeard = now }
        if member.role == .joining { unprimed.insert(worker) }
        guard known?.role != .active else {
            members[worker] = member
            return []
        }
        if member.role == .joining { Self.insert(worker, into: &standby) }
        member.role = .standby
        members[worker] = member
        if isStandby { return replaceLost() }
        activate(worker)
        return [worker]
    }

    /// Removes a worker.
    ///
    /// - Parameter order: the step or version that is worked at.
    /// - Returns: the worker's record, and the standby members that became active in its place; nil
    ///   if it is no member.
    mutating func leave(
        _ worker: WorkerID, during order: Int
    ) -> (member: Member, promoted: [WorkerID])? {
        guard let member = members.removeValue(forKey: worker) else { return nil }
        unprimed.remove(worker)
        standby.removeAll { $0 == worker }
        guard member.role == .active else { return (member, []) }
        active.removeAll { $0 == worker }
        lastLoss = order
        lostCapacity += member.threads
        return (member, replaceLost())
    }

    private mutating func activate(_ worker: WorkerID) {
        members[worker]!.role = .active
        standby.removeAll { $0 == worker }
        Self.insert(worker, into: &active)
        lostCapacity = max(0, lostCapacity - members[worker]!.threads)
    }

    private static func insert(_ worker: WorkerID, into sorted: inout [WorkerID]) {
        let place = sorted.lastIndex { $0 < worker }.map { $0 + 1 } ?? 0
        sorted.insert(worker, at: place)
    }

    // MARK: Standby

    /// Makes standby members active until they replace the lost capacity.
    private mutating func replaceLost() -> [WorkerID] {
        var promoted: [WorkerID] = []
        while lostCapacity > 0, let worker = promoteStandby() { promoted.append(worker) }
        return promoted
    }

    /// Makes the standby member that joined first active; nil if there is none.
    private mutating func promoteStandby() -> WorkerID? {
        guard let first = standby.first else { return nil }
        activate(first)
        return first
    }

    /// Makes standby members active in place of workers that have not come for a heartbeat timeout.
    ///
    /// A coordinator that was started anew does not know which workers were lost with it, so it has no
    /// lost capacity to replace.
    mutating func promoteStandby(missing count: Int, at now: Duration) -> [WorkerID] {
        guard count > 0, now - lastReady > timeout else { return [] }
        return (0..<count).compactMap { _ in promoteStandby() }
    }

    /// Whether a worker is expected to replace one that was lost.
    ///
    /// After a hundred steps the run goes on with the workers it has.
    func expectsReplacement(at step: Int) -> Bool {
        lostCapacity > 0 && lastLoss.map { step - $0 <= 100 } ?? false
    }

    // MARK: Silence

    /// Records that something was received from a worker.
    mutating func hear(_ worker: WorkerID, at now: Duration) { members[worker]?.lastHeard = now }

    /// Records the count of a worker's progress.
    mutating func record(progress: UInt64, of worker: WorkerID, at now: Duration) {
        members[worker]?.record(progress: progress, at: now)
    }

    /// Records that a worker's computation has advanced, or waits for what the worker fetches.
    mutating func recordAdvance(of worker: WorkerID, at now: Duration) {
        members[worker]?.recordAdvance(at: now)
    }

    /// The members that have been silent for longer than the timeout, active ones first.
    func expired(at now: Duration) -> [WorkerID] {
        let joining = members.filter { $0.value.role == .joining }.keys.sorted()
        return (active + standby + joining).filter { now - members[$0]!.lastHeard > timeout }
    }

    // MARK: Work

    /// Records that a member has been told what to prepare; false if it was before.
    mutating func prime(_ worker: WorkerID) -> Bool { unprimed.remove(worker) != nil }

    /// Records a lease of micro-shards of a step.
    mutating func recordLease(
        of shards: [Int], step: Int, to worker: WorkerID, at now: Duration
    ) {
        members[worker]?.recordLease(of: shards, step: step, at: now)
    }

    /// Records that others had to do micro-shards of a member, for which it had so much time.
    mutating func recordForfeit(
        by worker: WorkerID, of shards: Int, step: Int, after time: Duration
    ) {
        members[worker]?.recordForfeit(of: shards, step: step, after: time)
    }

    /// Records that a member delivered all it was leased of a step.
    mutating func recordDelivery(by worker: WorkerID) {
        members[worker]?.reliability.recordDelivery()
    }

    /// The active members that are leased work of a step: those that deliver, or all if none does.
    func available(at step: Int) -> [WorkerID] {
        let reliable = active.filter { !members[$0]!.reliability.isExcluded(at: step) }
        return reliable.isEmpty ? active : reliable
    }

    /// Records how long a member's micro-shards took.
    mutating func record(_ times: ShardTimes, shards: Int, of worker: WorkerID) {
        members[worker]?.record(times, shards: shards)
    }

    /// Updates the active members' throughput from the steps before this one.
    mutating func updateThroughput(before step: Int) {
        for worker in active { members[worker]!.updateSecondsPerShard(before: step) }
    }
}
