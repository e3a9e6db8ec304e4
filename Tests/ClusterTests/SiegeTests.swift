import Cluster
import ClusterTesting
import Messages
import Testing
import ZeroMQ

/// A real coordinator and a sound worker, and what others may try meanwhile: whoever tries is hung
/// up on, one sentence says so, and the run goes on.
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

    /// Waits for a note, with guests who stay until then: an object's life may end with its last use.
    private func notes(
        _ coordinator: LiveCoordinator, _ text: String, beside guests: Any
    ) throws {
        try withExtendedLifetime(guests) {
            try coordinator.waits(for: "note of '\(text)'") { progress in
                progress.notes.contains { $0.contains(text) }
            }
        }
    }

    @Test func aFloodOfMessagesIsCutOff() throws {
        try siege({ $0.reception.limits.unasked = 300 }) { coordinator in
            let intruder = try Intruder(at: coordinator.endpoint)
            try intruder.join()
            for number in 0..<2000 as Range<UInt64> {
                try intruder.say(Heartbeat(progress: number, phase: 1))
            }
            try notes(
                coordinator, "(nowhere/intruder) is gone: it sent more than the 300 messages",
                beside: intruder)
        }
    }

    @Test func aFloodOfStrangersWordsIsCutOff() throws {
        try siege({ $0.reception.limits.unasked = 300 }) { coordinator in
            let stranger = try Intruder(at: coordinator.endpoint)
            for _ in 0..<2000 { try stranger.say([[1], [2]]) }
            try notes(
                coordinator, "a stranger is hung up on: it sent more than the 300 messages",
                beside: stranger)
        }
    }

    @Test func aFloodOfSilentConnectionsCostsTheOldestOfThem() throws {
        try siege({ $0.reception.limits.unspoken = 8 }) { coordinator in
            let callers = try (0..<40).map { _ in try RawCaller(at: coordinator.endpoint) }
            #expect(callers[0].hearsTheEnd())
            try notes(
                coordinator, "more than 8 connections have not sent a message", beside: callers)
            // The door is not shut to who has something to say.
            try Intruder(at: coordinator.endpoint).join(name: "late")
            try notes(coordinator, "nowhere/late", beside: callers)
        }
    }

    @Test func aFullHouseLetsNobodyElseIn() throws {
        try siege({ $0.reception.limits.connections = 4 }) { coordinator in
            let guests = try (0..<3).map { _ in try Intruder(at: coordinator.endpoint) }
            for guest in guests { try guest.join() }
            let late = try RawCaller(at: coordinator.endpoint)
            #expect(late.hearsTheEnd())
            try notes(coordinator, "there are 4 connections already", beside: guests)
        }
    }

    /// A greeting that comes byte by byte is not waited for, nor one that never goes on.
    @Test func slowHandshakesAreCutOff() throws {
        try siege { coordinator in
            let (trickling, silent) = (
                try RawCaller(at: coordinator.endpoint), try RawCaller(at: coordinator.endpoint)
            )
            for byte in RawCaller.introduction.prefix(20) { trickling.send([byte]) }
            #expect(trickling.hearsTheEnd())
            #expect(silent.hearsTheEnd())
        }
    }

    @Test func aMessageWithoutEndIsCutOff() throws {
        try siege({
            $0.reception.limits.unfinishedBytes = 4 << 20
            $0.heartbeatTimeout = .seconds(10)
        }) { coordinator in
            let caller = try RawCaller(at: coordinator.endpoint)
            caller.send(RawCaller.introduction)
            let frame = RawCaller.unfinishedFrame(1 << 20)
            for _ in 0..<6 { caller.send(frame) }
            #expect(caller.hearsTheEnd())
            try notes(
                coordinator, "hung up on: its message does not come to an end", beside: caller)
        }
    }

    @Test func anOversizeFrameCostsTheConnection() throws {
        try siege { coordinator in
            let intruder = try Intruder(at: coordinator.endpoint)
            try intruder.join()
            try intruder.say([[UInt8](repeating: 0, count: 66 << 20)])
            try notes(
                coordinator, "(nowhere/intruder) is gone: its connection is gone", beside: intruder)
        }
    }

    @Test func tooManyFramesBreakTheProtocol() throws {
        try siege { coordinator in
            let intruder = try Intruder(at: coordinator.endpoint)
            try intruder.join()
            let beat = Heartbeat(progress: 1, phase: 1)
            let (envelope, body) = try beat.encode(
                run: intruder.life.run, epoch: intruder.life.epoch)
            try intruder.say([envelope, body] + Array(repeating: [], count: 5000))
            try notes(
                coordinator, "(nowhere/intruder) is gone: it broke the protocol", beside: intruder)
        }
    }

    @Test func gradientsOfOtherSizesOrNoNumbersCostTheirSenderItsPlace() throws {
        for count in [4, 4096] {
            try siege { coordinator in
                let intruder = try Intruder(at: coordinator.endpoint)
                try intruder.join()
                try intruder.say(
                    PartialSum(
                        step: 0, node: TreeNode(level: 0, index: 0),
                        bucket: 0),
                    payloads: [[UInt8](repeating: 0xFF, count: count)])
                try notes(
                    coordinator, "is gone: it sent what cannot be used: a gradient",
                    beside: intruder)
            }
        }
    }

    @Test func contributionsThatAreNoNumbersCostTheirSenderItsPlace() throws {
        try siege { coordinator in
            let intruder = try Intruder(at: coordinator.endpoint)
            try intruder.join()
            // Steps go on meanwhile: only what is said of the step at hand is looked into.
            while !coordinator.progress.notes.contains(where: { $0.contains("not finite") }) {
                let step = UInt64(coordinator.progress.steps)
                let term = ContributionTerm(term: 0, counts: [.nan], sums: [], gathered: [])
                try intruder.say(
                    Contribution(step: step, node: TreeNode(level: 0, index: 0), terms: [term])
                )
                _ = try intruder.hear(within: .milliseconds(1))
            }
        }
    }

    @Test func whoAsksHowTheRunIsWithoutEndIsCutOff() throws {
        try siege { coordinator in
            let onlooker = try Intruder(at: coordinator.endpoint)
            try onlooker.say(StatusRequest())
            guard try onlooker.hear() is Status else {
                Issue.record("It was not answered.")
                return
            }
            for _ in 0..<100 { try onlooker.say(StatusRequest()) }
            try notes(
                coordinator, "a stranger is hung up on: it sent more than the 1000 messages",
                beside: onlooker)
        }
    }
}
