import Cluster
import ClusterTesting
import Foundation
import Messages
import Testing
import ZeroMQ

/// Attacks on a real coordinator that serves a sound worker: the attacker's connection is closed, an
/// event records the reason, and the run continues.
@Suite(.serialized) struct SiegeTests {
    private func siege(
        _ change: (inout CoordinatorSettings) -> Void = { _ in },
        _ attack: (LiveCoordinator) throws -> Void
    ) throws {
        let coordinator = try LiveCoordinator(steps: 1_000_000) { settings in
            settings.heartbeatTimeout = .seconds(2)
            change(&settings)
        }
        let worker = try LiveWorker(at: coordinator.endpoint)
        defer { worker.stop() }
        try coordinator.waits(for: "first step") { $0.steps > 0 }
        try attack(coordinator)
        let reached = coordinator.progress.steps
        try coordinator.waits(for: "steps after the attack") { $0.steps > reached + 2 }
        coordinator.stop()
        _ = try coordinator.outcome()
    }

    /// Waits for an event while attackers stay connected: an object may be released after its last
    /// use.
    private func expectEvent(
        of coordinator: LiveCoordinator, beside attackers: Any,
        where matches: (ClusterEvent) -> Bool
    ) throws {
        try withExtendedLifetime(attackers) {
            try coordinator.waits(for: "expected event") { $0.events.contains(where: matches) }
        }
    }

    /// Waits until the intruder, admitted as a worker, is lost for a reason.
    private func expectLoss(
        in coordinator: LiveCoordinator, of intruder: Intruder,
        where matches: (LossReason) -> Bool
    ) throws {
        try expectEvent(of: coordinator, beside: intruder) {
            if case .lost(_, "nowhere/intruder", let reason, _) = $0 {
                matches(reason)
            } else {
                false
            }
        }
    }

    private func isFlood(_ violation: ConnectionViolation, of count: Int) -> Bool {
        if case .messages(count, _) = violation { true } else { false }
    }

    @Test func floodingWorkerIsDisconnected() throws {
        try siege({ $0.listener.limits.unasked = 300 }) { coordinator in
            let intruder = try Intruder(at: coordinator.endpoint)
            try intruder.join()
            for number in 0..<2000 as Range<UInt64> {
                try intruder.send(Heartbeat(progress: number, phase: 1))
            }
            try expectLoss(in: coordinator, of: intruder) {
                if case .exceeded(let violation) = $0 { isFlood(violation, of: 300) } else { false }
            }
        }
    }

    /// Messages over a Unix domain socket have a sender like those over TCP.
    @Test func floodOverDomainSocketIsCutOff() throws {
        let path = FileManager.default.temporaryDirectory.appending(
            path: "denju-siege-\(UUID().uuidString.prefix(8))"
        ).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try siege({
            $0.listener.limits.unasked = 300
            $0.listener.endpoint = .ipc(path: path)
        }) { coordinator in
            let intruder = try Intruder(at: coordinator.endpoint)
            try intruder.join()
            for number in 0..<2000 as Range<UInt64> {
                try intruder.send(Heartbeat(progress: number, phase: 1))
            }
            try expectLoss(in: coordinator, of: intruder) {
                if case .exceeded(let violation) = $0 { isFlood(violation, of: 300) } else { false }
            }
        }
    }

    @Test func floodingClientIsDisconnected() throws {
        try siege({ $0.listener.limits.unasked = 300 }) { coordinator in
            let client = try Intruder(at: coordinator.endpoint)
            for _ in 0..<2000 { try client.send([[1], [2]]) }
            try expectEvent(of: coordinator, beside: client) {
                if case .disconnected(let violation) = $0 {
                    isFlood(violation, of: 300)
                } else {
                    false
                }
            }
        }
    }

    @Test func oldestOfTooManySilentConnectionsIsClosed() throws {
        try siege({ $0.listener.limits.unspoken = 8 }) { coordinator in
            let clients = try (0..<40).map { _ in try RawClient(at: coordinator.endpoint) }
            #expect(clients[0].isClosed())
            try expectEvent(of: coordinator, beside: clients) { $0 == .disconnected(.unspoken(8)) }
            // Clients that send something are still admitted.
            try Intruder(at: coordinator.endpoint).join(name: "late")
            try expectEvent(of: coordinator, beside: clients) {
                if case .joined(_, "nowhere/late", _, _) = $0 { true } else { false }
            }
        }
    }

    @Test func connectionBeyondTheLimitIsClosed() throws {
        try siege({ $0.listener.limits.connections = 4 }) { coordinator in
            let guests = try (0..<3).map { _ in try Intruder(at: coordinator.endpoint) }
            for guest in guests { try guest.join() }
            let late = try RawClient(at: coordinator.endpoint)
            #expect(late.isClosed())
            try expectEvent(of: coordinator, beside: guests) {
                $0 == .disconnected(.connections(4))
            }
        }
    }

    /// A greeting that arrives byte by byte, or not at all, is not waited for.
    @Test func slowHandshakeIsCutOff() throws {
        try siege { coordinator in
            let (trickling, silent) = (
                try RawClient(at: coordinator.endpoint), try RawClient(at: coordinator.endpoint)
            )
            for byte in RawClient.introduction.prefix(20) { trickling.send([byte]) }
            #expect(trickling.isClosed())
            #expect(silent.isClosed())
        }
    }

    @Test func unfinishedMessageIsCutOff() throws {
        try siege({
            $0.listener.limits.unfinishedBytes = 4 << 20
            $0.heartbeatTimeout = .seconds(10)
        }) { coordinator in
            let client = try RawClient(at: coordinator.endpoint)
            client.send(RawClient.introduction)
            let frame = RawClient.unfinishedFrame(1 << 20)
            for _ in 0..<6 { client.send(frame) }
            #expect(client.isClosed())
            try expectEvent(of: coordinator, beside: client) {
                $0 == .disconnected(.unfinishedMessage)
            }
        }
    }

    @Test func oversizeFrameClosesItsConnection() throws {
        try siege { coordinator in
            let intruder = try Intruder(at: coordinator.endpoint)
            try intruder.join()
            try intruder.send([[UInt8](repeating: 0, count: 66 << 20)])
            try expectLoss(in: coordinator, of: intruder) { $0 == .connectionLost }
        }
    }

    @Test func messageOfTooManyFramesIsMalformed() throws {
        try siege { coordinator in
            let intruder = try Intruder(at: coordinator.endpoint)
            try intruder.join()
            let beat = Heartbeat(progress: 1, phase: 1)
            let (envelope, body) = try beat.encode(
                run: intruder.session.run, epoch: intruder.session.epoch)
            try intruder.send([envelope, body] + Array(repeating: [], count: 5000))
            try expectLoss(in: coordinator, of: intruder) { $0 == .exceeded(.frames(4096)) }
        }
    }

    @Test func workerWithUnusableGradientsIsRemoved() throws {
        for count in [4, 4096] {
            try siege { coordinator in
                let intruder = try Intruder(at: coordinator.endpoint)
                try intruder.join()
                try intruder.send(
                    PartialSum(
                        step: 0, node: TreeNode(level: 0, index: 0),
                        bucket: 0),
                    payloads: [[UInt8](repeating: 0xFF, count: count)])
                try expectLoss(in: coordinator, of: intruder) {
                    if case .invalidResult(let reason) = $0 {
                        reason.hasPrefix("a gradient")
                    } else {
                        false
                    }
                }
            }
        }
    }

    @Test func workerWithInfiniteContributionsIsRemoved() throws {
        try siege { coordinator in
            let intruder = try Intruder(at: coordinator.endpoint)
            try intruder.join()
            // Steps continue meanwhile, and only contributions to the current one are checked.
            while !coordinator.progress.events.contains(where: {
                if case .lost(_, _, .failed(let reason), _) = $0 {
                    reason.hasSuffix("a contribution that is not finite")
                } else {
                    false
                }
            }) {
                let step = UInt64(coordinator.progress.steps)
                let terms = [0, 1].map {
                    ContributionTerm(term: $0, counts: [.nan], sums: [], gathered: [])
                }
                try intruder.send(
                    Contribution(step: step, node: TreeNode(level: 0, index: 0), terms: terms)
                )
                _ = try intruder.receive(within: .milliseconds(1))
            }
        }
    }

    @Test func clientThatAsksForTheStatusWithoutEndIsDisconnected() throws {
        try siege { coordinator in
            let onlooker = try Intruder(at: coordinator.endpoint)
            try onlooker.send(StatusRequest())
            guard try onlooker.receive() is Status else {
                Issue.record("It was not answered.")
                return
            }
            for _ in 0..<100 { try onlooker.send(StatusRequest()) }
            try expectEvent(of: coordinator, beside: onlooker) {
                if case .disconnected(let violation) = $0 {
                    isFlood(violation, of: 1000)
                } else {
                    false
                }
            }
        }
    }
}
