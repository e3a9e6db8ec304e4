import Cluster
import Tensors

// The relays of a simulated cluster: each is a worker to the coordinator and a coordinator to the
// workers behind it.

/// A relay of a simulated cluster.
struct SimulatedRelay {
    var machine: RelayMachine
    var weights: WeightsStore<Tensor>
    /// What it has said of those behind it.
    var announced = (threads: 0, workers: 0)
}

extension SimulatedCluster {
    /// The threads of the workers behind a relay.
    func team(behind relay: Int) -> [Int] {
        workers.keys.sorted().filter { above[$0] == relay }.map { threads[$0] }
    }

    /// A relay is there, and workers call it.
    mutating func joinRelay(_ team: [Int]) {
        let relay = nextWorker
        nextWorker += 1
        if threads.count <= relay { threads.append(0) }
        relays[relay] = SimulatedRelay(
            machine: RelayMachine(settings.shape, heartbeatTimeout: settings.heartbeatTimeout),
            weights: WeightsStore(parts))
        for count in team { join(threads: count, behind: relay) }
    }

    /// A relay is gone, and those behind it with it: some call the one that takes its place, and
    /// some the coordinator.
    mutating func killRelay(_ relay: Int) {
        let lost = workers.keys.sorted().filter { above[$0] == relay }
        guard remove(relay) != nil else { return }
        outcome.lostRelays += 1
        var team: [Int] = []
        for worker in lost {
            let count = threads[worker]
            _ = remove(worker)
            if chance(0.25) { join(threads: count) } else { team.append(count) }
        }
        joinRelay(team.isEmpty ? [1] : team)
    }

    /// Time passes for relays that do not hang.
    mutating func tickRelays() {
        for relay in relays.keys.sorted() where hungUntil[relay, default: 0] <= now {
            if relays[relay]!.announced.threads > 0 {
                post(.toCoordinator(.heard(WorkerID(relay))), worker: relay)
            }
            tell(relay, .tick)
        }
    }

    /// Something happens below a relay.
    mutating func tell(_ relay: Int, _ event: CoordinatorMachine.Event) {
        guard var there = relays[relay] else { return }
        let actions = there.machine.handle(fromBelow: event, at: clock)
        relays[relay] = there
        carryOut(actions, relay)
        announce(relay)
        if chance(faults.killed) { kill(relay) }
    }

    /// Something is said to a relay from above.
    mutating func tell(_ relay: Int, fromAbove event: WorkerMachine.Event) {
        guard var there = relays[relay] else { return }
        if case .bucket(let version, let index, let tensor) = event {
            let receivers = there.weights.add(
                tensor, .init(version: version, index: index))
            relays[relay] = there
            for worker in receivers { post(.toWorker(event), worker: Int(worker)) }
            return
        }
        let actions = there.machine.handle(fromAbove: event, at: clock)
        relays[relay] = there
        carryOut(actions, relay)
        if chance(faults.hung) {
            hungUntil[relay] = now + Double(random.uniform()) * faults.hanging
        }
        if chance(faults.killed) { kill(relay) }
    }

    /// Says above how many are behind a relay; one that has lost them all leaves.
    private mutating func announce(_ relay: Int) {
        guard let there = relays[relay] else { return }
        let present = (threads: there.machine.threads, workers: there.machine.workerCount)
        guard present != there.announced else { return }
        relays[relay]?.announced = present
        if present.workers == 0 { return killRelay(relay) }
        post(
            .toCoordinator(
                .ready(WorkerID(relay), threads: present.threads, workers: present.workers)),
            worker: relay)
    }

    private mutating func carryOut(_ actions: [RelayMachine.Action], _ relay: Int) {
        for action in actions where relays[relay] != nil {
            switch action {
            case .up(let action): sendUp(action, from: relay)
            case .down(let action):
                switch action {
                case .lease(let worker, let lease):
                    sendWeights(for: .step, lease.step, to: worker, by: relay)
                case .evaluate(let worker, let version, _):
                    sendWeights(for: .labels, version, to: worker, by: relay)
                case .dismissed(let worker, _, _): relays[relay]?.weights.remove(worker)
                default: break
                }
                carryDown(action)
            case .failed(let reason): preconditionFailure(reason)
            }
        }
    }

    private mutating func sendWeights(
        for work: WeightsDistributor.Work, _ version: Int, to worker: WorkerID, by relay: Int
    ) {
        let parts = relays[relay]?.weights.assign(work, to: worker, version: version) ?? []
        for (part, values) in parts { send(part, values, to: worker) }
    }

    /// Tells whoever is above a worker or a relay what it has to say.
    mutating func sendUp(_ action: WorkerMachine.Action, from worker: Int) {
        let id = WorkerID(worker)
        let event: CoordinatorMachine.Event
        switch action {
        case .sendContribution(let step, let node, let round, let parts):
            event = .contribution(id, step: step, node: node, round: round, parts)
        case .sendPartial(let step, let node, let bucket, let tensor):
            event = .partial(id, step: step, node: node, bucket: bucket, tensor)
        case .sendReport(let step, let node, let report):
            event = .report(id, step: step, node: node, report)
        case .sendEvaluated(let version, let sample, let matrix):
            event = .evaluated(id, version: version, sample: sample, matrix)
        case .compute, .rehearse, .respond, .resume, .forget, .label: return
        }
        post(.toCoordinator(event), worker: worker)
    }
}
