import Foundation
import Messages
import Telemetry
import ZeroMQ

// Who may take part, who comes and goes, and what those are told who do not belong here.

extension CoordinatorServer {
    /// Lets in whose key was added, and cuts off whose key was taken away.
    func watchKeys() {
        guard let folder = settings.keyFolder, let authenticator else { return }
        do {
            guard let keys = try folder.change() else { return }
            authenticator.replace(allowList: keys)
            tell(.note("the keys in \(folder.path) have changed: \(keys.count) may join now"))
            for peer in peers.all where !mayStay(peer.userID) { turnOut(peer) }
        } catch {
            tell(.note("\(error) The keys that were read before stay in force."))
        }
    }

    /// Whether whoever has this key may take part at this moment.
    func mayStay(_ userID: String?) -> Bool {
        guard let authenticator else { return true }
        return userID.map { authenticator.name(ofUserID: $0) != nil } ?? false
    }

    func turnOut(_ peer: Peers.Peer) {
        lose(peer.id, "its key \(peer.userID ?? "") may not join any more")
        if let connection = peer.connection { door.hangUp(on: connection) }
    }

    // MARK: Onlookers

    /// Tells whoever may connect how the run is; asking again and again is paid for like calling.
    func tellStatus(at route: Frame, to asker: borrowing Multipart) throws {
        if let event = door.charge(asker.connection, at: now) { return meet(event) }
        guard mayStay(asker.userID) else {
            if let connection = asker.connection { door.hangUp(on: connection) }
            return
        }
        let frames = asker.frames.dropFirst()
        guard
            case .statusRequest(let request) = try Parcel(Parcel.envelope(of: frames), frames)
                .message
        else { return }
        var status = status
        if request.traced { status.recent = watch.lately.steps }
        let json = String(decoding: try JSONEncoder().encode(status), as: UTF8.self)
        try send(
            Parcel(.status(Status(json: json))).frames(run: run.id, epoch: run.epoch), at: route)
    }

    // MARK: The door

    func watchDoor() throws { for event in try door.look(at: now) { meet(event) } }

    func meet(_ event: Doorway.Event) {
        switch event {
        case .gone(let connection):
            if let worker = peers.id(on: connection) { lose(worker, "its connection is gone") }
        case .cut(let connection, let reason):
            if let worker = peers.id(on: connection) {
                lose(worker, reason)
            } else if isNew(reason) {
                tell(.note("a stranger is hung up on: \(reason)"))
            }
            door.hangUp(on: connection)
        }
    }

    // MARK: Strangers

    /// Answers whoever speaks for another run, for a life of this run that is over, or was taken for
    /// dead and is not: what it hears is of another run or life than its own, and it calls anew.
    func turnAway(_ route: Frame, _ envelope: Envelope) {
        let isOurs = envelope.run == run.id && envelope.epoch == run.epoch
        if isNew("\(envelope.run)/\(envelope.epoch)") {
            let who =
                isOurs
                ? "a worker that was taken for dead"
                : "a worker of another run or an earlier coordinator"
            tell(.note("\(who) is told to call anew"))
        }
        let reply = Parcel(.heartbeatReply(HeartbeatReply(progress: 0)))
        guard
            let frames = try? reply.frames(
                run: isOurs ? .none : run.id, epoch: isOurs ? 0 : run.epoch)
        else { return }
        try? socket.send(frames, to: route)
    }

    /// Whether this is said of strangers for the first time, and not too much has been said of them.
    func isNew(_ said: String) -> Bool {
        strangers.count < 100 && strangers.insert(said).inserted
    }

    func refuse(_ route: Frame, _ reason: String) {
        if isNew(reason) {
            tell(.note("refused: \(reason)"))
        }
        let refusal = Parcel(.refusal(Refusal(reason: String(reason.prefix(1000)))))
        try? send(refusal.frames(run: run.id, epoch: run.epoch), at: route)
    }

    // MARK: Complaints

    /// A worker cannot do what it was given; what a second one cannot do either is the run's trouble,
    /// but whoever complains twice with one key is one.
    func giveUp(_ worker: WorkerID, _ reason: String) {
        guard let peer = peers[worker] else { return }
        let isSecondWord = peer.userID != nil && complaint == .init(machine.step, peer.userID)
        if isSecondWord, machine.present.count > 1 {
            return lose(worker, "it complained again: \(reason)")
        }
        complaint = .init(machine.step, peer.userID)
        perform(machine.handle(.failed(worker, reason: "\(peer.name): \(reason)"), at: now))
        peers.remove(worker)
    }

    // MARK: Standing still

    /// Says who waits for whom when nothing has advanced for too long.
    func watchStandstill(missing: Int) {
        if let line = watchdog.line(
            step: machine.step, advanced: machine.lastAdvance, now: now, waits: machine.waits,
            missing: missing, preparing: peers.all.filter { !$0.isReady }.map(\.name),
            name: { peers[$0]?.name ?? "worker \($0)" })
        {
            standstill = line
            tell(.note(line))
        }
    }
}
