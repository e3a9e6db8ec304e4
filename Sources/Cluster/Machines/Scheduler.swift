import Training

/// Decides which micro-shards are leased to which workers.
///
/// Its functions are pure: they read the members, the step's results and its leases, and return a
/// decision that the ``WorkDispatcher`` carries out. No decision changes a bit of the weights; it
/// determines only which worker computes what.
struct Scheduler: Sendable {
    let shape: StepShape

    /// Nodes for a worker.
    typealias Share = (worker: WorkerID, nodes: [TreeNode])

    /// Leases of pending nodes.
    struct Plan {
        /// All pending nodes, split so that each is leased or left pending as a whole.
        var split: [TreeNode]
        /// The nodes to lease, by worker.
        var shares: [Share] = []
    }

    // MARK: Whole nodes

    /// Divides the pending nodes among the active members in proportion to their throughput.
    func divide(_ step: StepLedger, _ leases: LeaseTable, among membership: Membership) -> Plan {
        let usual = usualSecondsPerShard(membership)
        let loads = leases.loads(in: step)
        let available = membership.available(at: step.step)
        // With more workers than micro-shards, the workers that computed the last step have its
        // weights and the next clouds: another must be a quarter faster to replace one of them.
        let hasSurplus = available.count > shape.shards
        let offers = inShardOrder(available, membership, at: step.step).map { worker in
            let isIdle = hasSurplus && membership[worker]!.lastStep < step.step - 1
            let throughput = throughput(of: membership[worker]!, usually: usual)
            return (
                worker: worker, throughput: throughput * (isIdle ? 0.8 : 1),
                load: loads[worker] ?? 0
            )
        }
        let (split, shares) = Cluster.divide(leases.pending, of: shape.shards, among: offers)
        return Plan(split: split, shares: shares)
    }

    /// The active members in the order of the micro-shards for which they have prefetched; members
    /// that have prefetched nothing stand at the first gap.
    private func inShardOrder(
        _ workers: [WorkerID], _ membership: Membership, at step: Int
    ) -> [WorkerID] {
        let prefetched = workers.map { membership[$0]!.prefetched(for: step) }
        let covered = prefetched.reduce(into: Set<Int>()) { $0.formUnion($1) }
        let gap = (0..<shape.shards).first { !covered.contains($0) } ?? shape.shards
        return zip(prefetched, workers)
            .map { (place: $0.min() ?? gap, worker: $1) }
            .sorted { ($0.place, $0.worker) < ($1.place, $1.worker) }.map(\.worker)
    }

    // MARK: Single micro-shards

    /// Leases pending micro-shards one by one, to each worker at most what it computes at once and one
    /// more.
    ///
    /// A worker that joins in place of a lost one so finds something to do, and reclaimed work is not
    /// left to a single worker. The pending nodes are micro-shards already.
    func leaseSingly(
        _ step: StepLedger, _ leases: LeaseTable, to membership: Membership
    ) -> Plan {
        let usual = usualSecondsPerShard(membership)
        let available = membership.available(at: step.step)
        var pending = leases.pending
        var loads = leases.presentLoads(in: step)
        var shares: [WorkerID: [TreeNode]] = [:]
        while !pending.isEmpty {
            let free = available.filter {
                loads[$0, default: 0] < capacity(of: membership[$0]!, membership)
            }
            let next = free.min { a, b in
                let (finishA, finishB) = (
                    Double(loads[a, default: 0] + 1)
                        / throughput(of: membership[a]!, usually: usual),
                    Double(loads[b, default: 0] + 1)
                        / throughput(of: membership[b]!, usually: usual)
                )
                return (finishA, a) < (finishB, b)
            }
            guard let worker = next else { break }
            let node = shard(of: pending, for: membership[worker]!)
            pending.removeAll { $0 == node }
            loads[worker, default: 0] += 1
            shares[worker, default: []].append(node)
        }
        return Plan(
            split: leases.pending, shares: shares.keys.sorted().map { ($0, shares[$0]!) })
    }

    /// Micro-shards that a member may hold at a time.
    ///
    /// None is queued for a member whose throughput is unknown, since others may be done with it
    /// before, nor for any member while a replacement is still to join.
    private func capacity(of member: Member, _ membership: Membership) -> Int {
        let isQueueing = membership.lostCapacity == 0 && member.secondsPerShard != nil
        return member.threads + (isQueueing ? 1 : 0)
    }

    /// The pending micro-shard whose clouds a member has probably prefetched; for a new member the
    /// last one, which the others reach last.
    private func shard(of pending: [TreeNode], for member: Member) -> TreeNode {
        pending.first { member.hasProbablyPrefetched($0.index) }
            ?? (member.secondsPerShard == nil ? pending[pending.count - 1] : pending[0])
    }

    // MARK: Stragglers

    /// Further leases of nodes that take three times as long as they should, to members that are idle.
    ///
    /// All workers go on and the first result counts: the bits are the same, or one of the workers
    /// computes wrongly.
    func doubleOverdue(
        _ step: StepLedger, _ leases: LeaseTable, among membership: Membership, at now: Duration
    ) -> [(worker: WorkerID, node: TreeNode)] {
        // A node whose second holder is late as well has a third, if it must.
        let candidates = leases.awaited(in: step).filter {
            membership[$0.latest.worker] != nil
                && now - max($0.latest.since, step.lastExchange) > membership.timeout / 10
        }
        guard !candidates.isEmpty else { return [] }
        let usual = usualSecondsPerShard(membership)
        let times = ShardTimesOfMembers(membership)
        let loads = leases.loads(in: step)
        var idle = Set(membership.active).subtracting(leases.presentLoads(in: step).keys)
        var doubled: [(worker: WorkerID, node: TreeNode)] = []
        for (entry, holders) in candidates {
            let wait = now - max(entry.since, step.lastExchange)
            let load = loads[entry.worker] ?? 0
            guard wait > deadline(of: entry.worker, load: load, membership, times) else { continue }
            let helpers = idle.subtracting(holders)
            guard
                let helper = helpers.min(by: { a, b in
                    rank(of: a, membership, usual) < rank(of: b, membership, usual)
                })
            else { continue }
            idle.remove(helper)
            doubled.append((helper, entry.node))
        }
        return doubled
    }

    /// Position of an idle member among those that may help: reliable ones first, of these the measured
    /// ones, then the fastest.
    private func rank(
        of worker: WorkerID, _ membership: Membership, _ usual: Double
    ) -> (Int, Int, Double, WorkerID) {
        let member = membership[worker]!
        return (
            member.reliability.isDoubtful ? 1 : 0, member.knownSecondsPerShard == nil ? 1 : 0,
            -throughput(of: member, usually: usual), .max - worker
        )
    }

    /// The time after which a member's work is overdue.
    ///
    /// A member states its own times: they extend its deadline up to four times the others'. The first
    /// steps of a member take longer, and are measured by the others alone.
    private func deadline(
        of worker: WorkerID, load: Int, _ membership: Membership, _ times: ShardTimesOfMembers
    ) -> Duration {
        let member = membership[worker]!
        let others = times.median(without: member)
        // What is recorded of forfeited work must not extend the next deadline.
        let own =
            member.reliability.isDoubtful
            ? nil : member.steadySecondsPerShard ?? member.secondsPerShard
        guard let seconds = own.map({ min($0, 4 * (others ?? $0)) }) ?? others else {
            // No member has been measured: as late as a standstill is reported.
            return membership.timeout * 6
        }
        // With more threads than micro-shards, one of them takes as long as ever.
        let rounds = max(1, Double(load) / Double(member.threads))
        let expected = Duration.seconds(3 * rounds * seconds)
        let isNew = own == nil && !member.reliability.isDoubtful
        return isNew ? max(expected, membership.timeout) : expected
    }

    // MARK: Priming

    /// Micro-shards that members which joined during a step are to prepare, once the step has nothing
    /// left for them.
    ///
    /// A standby member prepares one micro-shard, so that its memory is touched when it is needed. An
    /// active one prepares those that the next step will probably lease to it, provided that the step
    /// has enough for all.
    func prime(_ membership: Membership, in step: StepLedger) -> [(worker: WorkerID, shards: [Int])]
    {
        guard !membership.unprimed.isEmpty else { return [] }
        var primed: [(worker: WorkerID, shards: [Int])] = []
        let standby = membership.standby.filter(membership.unprimed.contains)
        if let first = (0..<shape.shards).first(where: { step.hasClouds(of: $0) }) {
            primed += standby.map { ($0, [first]) }
        }
        guard membership.active.count <= shape.shards else { return primed }
        var membership = membership
        for worker in membership.active where membership.unprimed.contains(worker) {
            let shards = vacant(for: worker, membership, at: step.step + 1)
            primed.append((worker, shards))
            // The next new member prepares others.
            if shards.contains(where: step.hasClouds) {
                membership.recordLease(
                    of: shards, step: step.step, to: worker, at: step.lastExchange)
            }
        }
        return primed
    }

    /// The micro-shards that a step will probably lease to a member and that it has not prefetched:
    /// those for which no other member has, or else the last ones.
    private func vacant(for worker: WorkerID, _ membership: Membership, at step: Int) -> [Int] {
        let others = membership.active.filter { $0 != worker }
        let taken = others.reduce(into: Set<Int>()) {
            $0.formUnion(membership[$1]!.prefetched(for: step))
        }
        let member = membership[worker]!
        let share = max(1, shape.shards * member.threads / max(membership.threads, 1))
        let all = Array(0..<shape.shards)
        let gap = all.filter { !taken.contains($0) }
        let own = member.prefetched(for: step)
        return (gap.isEmpty ? all.suffix(share) : gap.prefix(share)).filter { !own.contains($0) }
    }

    // MARK: Throughput

    /// Seconds that a thread needs for a micro-shard, on average over the members of which it is known.
    private func usualSecondsPerShard(_ membership: Membership) -> Double {
        let active = membership.active.map { membership[$0]! }
        let reliable = active.filter { !$0.reliability.isDoubtful }
        let members = reliable.isEmpty ? active : reliable
        let steady = members.compactMap(\.steadySecondsPerShard)
        let known = steady.isEmpty ? members.compactMap(\.secondsPerShard) : steady
        // Sorted, so that the sum does not depend on the members' numbers.
        return known.isEmpty ? 1 : known.sorted().reduce(0, +) / Double(known.count)
    }

    /// Micro-shards a second; a member that has hardly begun is taken to be as fast, thread for thread,
    /// as the others are on average.
    ///
    /// A member that states times far below the others' would be leased everything.
    private func throughput(of member: Member, usually secondsPerShard: Double) -> Double {
        let seconds = member.steadySecondsPerShard.map { max($0, secondsPerShard / 16) }
        return Double(member.threads) / (seconds ?? secondsPerShard)
    }
}
