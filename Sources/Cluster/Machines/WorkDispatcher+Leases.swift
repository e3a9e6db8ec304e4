import Training

// The work that members are leased.

extension WorkDispatcher {
    /// Leases work that no member holds.
    mutating func lease(at now: Duration, _ actions: inout [Action]) {
        if let version = validation?.version {
            leaseSamples(to: membership.available(at: version), at: now, &actions)
        }
        guard let number = step?.step, !membership.active.isEmpty else { return }
        if !leases.pending.isEmpty { leasePending(of: number, at: now, &actions) }
        if leases.pending.isEmpty { prime(at: now, &actions) }
    }

    /// Leases validation samples to members that have room for more.
    mutating func leaseSamples(
        to workers: [WorkerID], at now: Duration, _ actions: inout [Action]
    ) {
        for worker in workers {
            guard let version = validation?.version, validation?.isAllLeased == false,
                let member = membership[worker], member.role == .active
            else { continue }
            // One more than are labelled at once, so that no thread waits for the next sample.
            let samples = validation!.lease(to: worker, upTo: member.threads + 1, at: now)
            if !samples.isEmpty {
                actions.append(.evaluate(worker, version: version, samples: samples))
            }
        }
    }

    private mutating func leasePending(
        of number: Int, at now: Duration, _ actions: inout [Action]
    ) {
        membership.updateThroughput(before: number)
        let isFineGrained = leases.isFineGrained || membership.expectsReplacement(at: number)
        if isFineGrained { leases.splitPendingIntoShards() }
        let plan =
            isFineGrained
            ? scheduler.leaseSingly(step!, leases, to: membership)
            : scheduler.divide(step!, leases, among: membership)
        leases.splitPending(into: plan.split)
        for (worker, nodes) in plan.shares {
            leases.lease(nodes, to: worker, at: now)
            announce(nodes, to: worker, at: now, &actions)
        }
    }

    /// Leases nodes that take too long to idle members as well.
    mutating func doubleOverdue(at now: Duration, _ actions: inout [Action]) {
        if let version = validation?.version {
            for (worker, sample) in validation!.leaseOverdue(
                among: membership.available(at: version),
                heartbeatTimeout: membership.timeout, at: now)
            {
                counts.reissued += 1
                lastAdvance = now
                actions.append(.evaluate(worker, version: version, samples: [sample]))
            }
        }
        guard let step, leases.pending.isEmpty else { return }
        for (worker, node) in scheduler.doubleOverdue(step, leases, among: membership, at: now) {
            leases.leaseAgain(node, to: worker, at: now)
            counts.reissued += 1
            announce([node], to: worker, at: now, &actions)
        }
    }

    /// Tells a worker of its lease, and of the exchanges that have ended.
    private mutating func announce(
        _ nodes: [TreeNode], to worker: WorkerID, at now: Duration, _ actions: inout [Action]
    ) {
        guard let step else { return }
        membership.recordLease(
            of: nodes.flatMap { $0.shards(of: shape.shards) }, step: step.step, to: worker,
            at: now)
        lastAdvance = now
        actions.append(
            .lease(
                worker,
                Lease(step: step.step, nodes: nodes, shards: nodes.flatMap(step.clouds(of:)))))
        for round in 0..<shape.exchanges {
            guard let totals = step.exchanged[round] else { continue }
            actions.append(.totals([worker], step: step.step, round: round, totals))
        }
    }

    /// Tells new members what to prepare, by leases without nodes.
    private mutating func prime(at now: Duration, _ actions: inout [Action]) {
        guard let step, !membership.unprimed.isEmpty else { return }
        for (worker, shards) in scheduler.prime(membership, in: step) {
            _ = membership.prime(worker)
            let clouds = shards.flatMap { step.clouds(of: TreeNode(shard: $0)) }
            guard !clouds.isEmpty else { continue }
            if membership[worker]?.role == .active {
                membership.recordLease(of: shards, step: step.step, to: worker, at: now)
            }
            actions.append(.lease(worker, Lease(step: step.step, nodes: [], shards: clouds)))
        }
    }
}
