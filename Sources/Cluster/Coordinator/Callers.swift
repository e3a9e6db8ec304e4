import Foundation
import Messages
import Telemetry
import ZeroMQ

// What workers complain of, and what is said when nothing advances.

extension CoordinatorServer {
    // MARK: Complaints

    /// A worker cannot do what it was given; what a second one cannot do either is the run's trouble,
    /// but whoever complains twice with one key is one.
    func giveUp(_ worker: WorkerID, _ reason: String) {
        guard let peer = reception.peers[worker] else { return }
        if reception.complainsAgain(peer, of: machine.step), machine.present.count > 1 {
            return lose(worker, .failedAgain(reason))
        }
        perform(machine.handle(.failed(worker, reason: "\(peer.name): \(reason)"), at: now))
        reception.peers.remove(worker)
    }

    // MARK: Standing still

    /// Says who waits for whom when nothing has advanced for too long.
    func watchStandstill(missing: Int) {
        if let line = watchdog.line(
            step: machine.step, advanced: machine.lastAdvance, now: now, waits: machine.waits,
            missing: missing, preparing: reception.peers.all.filter { !$0.isReady }.map(\.name),
            name: { reception.peers[$0]?.name ?? "worker \($0)" })
        {
            standstill = line
            tell(.note(line))
        }
    }
}
