import Messages
import ZeroMQ

extension WorkerListener {
    /// Sends a message to workers, which share its frames.
    ///
    /// A worker that does not take its messages is lost: they would stay in memory for it.
    func send(_ message: WireMessage, to workers: [WorkerID]) {
        guard !workers.isEmpty else { return }
        let frames: [Frame]
        do {
            frames = try message.frames(run: session.run, epoch: session.epoch)
        } catch {
            for worker in workers { lose(worker, .unsendable("\(error)")) }
            return
        }
        for worker in workers {
            guard let peer = peers[worker] else { continue }
            guard peer.outstanding.count <= outstandingLimit else {
                lose(worker, .notReceiving)
                continue
            }
            do throws(TransportError) {
                try send(frames.map(peer.outstanding.counting), at: peer.route)
            } catch {
                switch error {
                case .unreachable: lose(worker, .connectionLost)
                case .queueFull: lose(worker, .notReceiving)
                case .failed(let reason): lose(worker, .unsendable(reason))
                }
            }
        }
    }

    /// Sends a message to a worker.
    func send(_ message: WireMessage, to worker: WorkerID) { send(message, to: [worker]) }

    func send(_ frames: [Frame], at route: Route) throws(TransportError) {
        traffic.messages.down += 1
        traffic.bytes.down += frames.reduce(0) { $0 + $1.count }
        try transport.send(frames, to: route)
    }
}
