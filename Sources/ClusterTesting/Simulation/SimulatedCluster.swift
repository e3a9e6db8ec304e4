package import Cluster
import Messages
package import Training
import ZeroMQ

/// Coordinator, relays and workers over networks in memory, with a clock that the simulation moves and
/// faults that are drawn from a seed.
///
/// Everything but networks, clock and arithmetic is production code: the coordinator's driver, the
/// listeners, the relays' handlers, the sessions of workers and the weights' distribution, down to the
/// bytes of each message. Messages are delayed, delivered twice and lost with their connections;
/// workers and relays are killed, hang and connect anew; the coordinator is killed between any two of
/// its actions and continues from its checkpoint. The same seed replays the same run.
///
/// A few numbers stand in for a student (see ``SyntheticRun``); their digest tells whether anything
/// changed a bit.
package final class SimulatedCluster {
    /// Result of a simulated run.
    package struct Outcome: Sendable, Equatable {
        /// A hash of the bits of the final weights.
        package var digest: UInt64 = 0
        /// Completed steps.
        package var steps = 0
        /// The sum of all validations' counts; each sample counts once per validation.
        package var validated: UInt64 = 0
        /// Workers and relays that were killed, cut off or given up.
        package var deaths = 0
        /// Results that were not leased or had arrived before.
        package var duplicates = 0
        /// Nodes leased a second time.
        package var reissued = 0
        /// Nodes for which two workers had different results.
        package var contradictions = 0
        /// Coordinators after the first.
        package var restarts = 0
        /// Relays among them.
        package var lostRelays = 0
        /// Gradients that the coordinator received.
        package var gradients = 0

        /// The outcome of a run that has not begun.
        package init() {}
    }

    enum Event {
        /// A message arrives.
        case message(SimulatedLink, number: Int, Connection, InMemoryNetwork.Receiver, isWork: Bool)
        /// A worker's threads finish their next result.
        case result(SimulatedNode, of: SyntheticExecutor)
        /// A worker or relay connects.
        case connect(SimulatedNode)
        /// A worker or relay that hung, or whose connection was cut, continues.
        case turn(SimulatedNode)
        /// Time has passed for all.
        case tick
    }

    let plan: SyntheticPlan
    let faults: Faults
    let source: FaultSource
    let clock = ManualClock()
    /// The time, seconds.
    var now = 0.0
    var events = EventQueue<Event>()
    var coordinator: SimulatedCoordinator
    /// The networks of the relays, by the relay's number.
    var relayLinks: [Int: SimulatedLink] = [:]
    /// The workers and relays that were not killed, by number.
    var nodes: [Int: SimulatedNode] = [:]
    var outcome = Outcome()
    private let disk: SyntheticRun.Disk
    private let workers: [Int]
    private let standbyCount: Int
    private let behind: [[Int]]
    private var nodeCount = 0

    /// A cluster that trains for some steps.
    ///
    /// - Parameters:
    ///   - threads: the numbers of threads of the coordinator's workers.
    ///   - standby: workers of one thread each that wait until another is lost. If there are any, the
    ///     workers that replace killed ones stand by as well.
    ///   - behind: for each relay, the numbers of threads of its workers.
    package init(
        steps: Int, shards: Int, buckets: Int = 3, exchanges: Int = 1, workers threads: [Int],
        standby: Int = 0, behind: [[Int]] = [], averages: WeightsParts.Averages = .unused,
        wire: GradientWire = .float32, seed: UInt64, faults: Faults = Faults()
    ) {
        plan = SyntheticPlan(
            steps: steps, shards: shards, buckets: buckets, exchanges: exchanges,
            averages: averages, wire: wire)
        self.faults = faults
        source = FaultSource(seed: seed)
        workers = threads
        standbyCount = standby
        self.behind = behind
        disk = SyntheticRun.Disk(plan)
        coordinator = SimulatedCoordinator(plan, disk, source, faults, clock.reading)
    }

    /// Runs to the end; nil if the run does not end within `limit` events.
    package func run(limit: Int = 1_000_000) -> Outcome? {
        for count in workers { join(threads: count) }
        for _ in 0..<standbyCount { join(threads: 1, isStandby: true) }
        for team in behind {
            let relay = joinRelay()
            for count in team { join(threads: count, behind: relay) }
        }
        events.insert(.tick, at: now + Self.tick)
        var count = 0
        while !coordinator.hasEnded {
            count += 1
            guard count < limit, let (time, event) = events.removeFirst() else { return nil }
            now = max(now, time)
            clock.advance(to: .seconds(now))
            handle(event)
        }
        outcome.steps = coordinator.run.version
        outcome.digest = coordinator.run.digest
        outcome.validated = disk.validations.values.reduce(0, +)
        coordinator.addCounts(to: &outcome)
        // Nodes and links refer to each other: ten thousand runs would leak gigabytes.
        for node in nodes.values { node.disconnect() }
        return outcome
    }

    /// Seconds between two turns of a driver to which nothing happens.
    private static let tick = 0.5

    // MARK: Events

    private func handle(_ event: Event) {
        switch event {
        case .message(let link, let number, let connection, let receiver, let isWork):
            link.deliver(number)
            switch receiver {
            case .server:
                guard let relay = link.relay else { return turnCoordinator() }
                turn(relay)
                suffer(relay)
            case .client:
                guard let node = link.clients[connection] else { return }
                turn(node)
                if isWork { suffer(node) }
            }
        case .result(let node, let executor):
            executor.finishNext()
            turn(node)
            suffer(node)
        case .connect(let node): connect(node)
        case .turn(let node): turn(node)
        case .tick:
            turnCoordinator()
            // Sorted: a run repeats from its seed, but a dictionary has another order each time.
            for number in nodes.keys.sorted() { nodes[number].map(turn) }
            events.insert(.tick, at: now + Self.tick)
        }
    }

    /// Has the coordinator handle what has arrived, and replaces it if it was killed.
    private func turnCoordinator() {
        coordinator.turn()
        schedule(coordinator.link)
        if coordinator.hasCrashed { restartCoordinator() }
    }

    /// Has a worker or relay handle what has arrived.
    private func turn(_ node: SimulatedNode) {
        guard !node.isKilled, node.hungUntil <= now, let session = node.session else { return }
        do { try session.turn() } catch { preconditionFailure("\(error)") }
        let link = node.connection?.link
        if let (executor, count) = node.takeNewResults() {
            for _ in 0..<count {
                let seconds = source.share() * faults.delay * (node.number == 0 ? faults.slow : 1)
                node.busyUntil = max(node.busyUntil, now) + seconds
                events.insert(.result(node, of: executor), at: node.busyUntil)
            }
        }
        if let end = session.end {
            session.close()
            node.disconnect()
            if case .over = end { return }
            // Workers of a killed coordinator are not lost to the run.
            if link?.isClosed == false { recordLoss(of: node) }
            events.insert(.connect(node), at: now + source.share() * faults.delay)
        }
        link.map(schedule)
        relayLinks[node.number].map(schedule)
    }

    /// Has a worker or relay that has handled an event hang, or be killed, at the faults' rates.
    private func suffer(_ node: SimulatedNode) {
        guard !node.isKilled else { return }
        if source.happens(faults.hung) {
            node.hungUntil = now + source.share() * faults.hanging
            events.insert(.turn(node), at: node.hungUntil)
        }
        if source.happens(faults.killed) { kill(node) }
    }

    // MARK: Networks

    /// Determines when the messages that were sent last arrive, and which connections break.
    func schedule(_ link: SimulatedLink) {
        for message in link.takeNewMessages() {
            let delay = source.share() * faults.delay
            let isWork = message.kind != HeartbeatReply.kind
            let event = Event.message(
                link, number: message.number, message.connection, message.receiver,
                isWork: isWork)
            let arrival = link.arrival(
                on: message.connection, to: message.receiver, notBefore: now + delay)
            events.insert(event, at: arrival)
            // A worker whose greeting arrived again would be admitted again while it still holds the
            // first admission's leases; no connection makes that happen.
            if isWork, message.kind != Hello.kind, source.happens(faults.duplicated) {
                link.duplicate(message.number)
                events.insert(event, at: arrival + source.share() * faults.delay)
            }
            if source.happens(faults.cut), let node = link.clients[message.connection] {
                link.network.cut(message.connection)
                events.insert(.turn(node), at: now)
            }
        }
    }

    private func connect(_ node: SimulatedNode) {
        guard !node.isKilled, node.session == nil else { return }
        guard node.hungUntil <= now else {
            return events.insert(.connect(node), at: node.hungUntil)
        }
        let link = node.relay.flatMap { relayLinks[$0.number] } ?? coordinator.link
        node.connect(over: link, clock.reading)
        schedule(link)
    }

    // MARK: Workers and relays

    private func join(threads: Int, behind relay: SimulatedNode? = nil, isStandby: Bool = false) {
        add(
            .worker(
                nodeCount, threads: threads, isStandby: isStandby, plan,
                secondsPerResult: 0.5 * faults.delay * (nodeCount == 0 ? faults.slow : 1),
                behind: relay))
    }

    private func joinRelay() -> SimulatedNode {
        let network = InMemoryNetwork()
        let relay = SimulatedNode.relay(nodeCount, over: network, plan, clock.reading)
        relayLinks[relay.number] = SimulatedLink(network, of: relay)
        add(relay)
        return relay
    }

    private func add(_ node: SimulatedNode) {
        nodes[node.number] = node
        nodeCount += 1
        events.insert(.connect(node), at: now + source.share() * faults.delay)
    }

    private func recordLoss(of node: SimulatedNode) {
        outcome.deaths += 1
        if relayLinks[node.number] != nil { outcome.lostRelays += 1 }
    }

    /// Kills a worker or relay; another one takes its place.
    private func kill(_ node: SimulatedNode) {
        recordLoss(of: node)
        node.isKilled = true
        nodes[node.number] = nil
        node.disconnect()
        guard let link = relayLinks.removeValue(forKey: node.number) else {
            let isStandby = node.relay == nil && standbyCount > 0
            return join(
                threads: 1 + source.number(below: 2), behind: node.relay, isStandby: isStandby)
        }
        link.cutAll()
        let relay = joinRelay()
        var isEmpty = true
        for number in nodes.keys.sorted() {
            guard let worker = nodes[number], worker.relay === node else { continue }
            // Some workers know only the coordinator's address.
            worker.relay = source.happens(0.25) ? nil : relay
            isEmpty = isEmpty && worker.relay == nil
            events.insert(.turn(worker), at: max(now, worker.hungUntil))
        }
        if isEmpty { join(threads: 1, behind: relay) }
    }

    /// Replaces a coordinator that was killed by one that continues from the checkpoint.
    private func restartCoordinator() {
        outcome.restarts += 1
        coordinator.addCounts(to: &outcome)
        // Without this mark, its workers would be counted as lost in their next turns.
        coordinator.link.isClosed = true
        coordinator.link.cutAll()
        coordinator = SimulatedCoordinator(plan, disk, source, faults, clock.reading)
        for number in nodes.keys.sorted() where nodes[number]!.relay == nil {
            events.insert(.turn(nodes[number]!), at: max(now, nodes[number]!.hungUntil))
        }
    }
}
