import Messages
import Telemetry
import Tensors
import Training
import ZeroMQ

// What a coordinator's workers are sent, and when. Weights go to whoever computes with them and to
// nobody else: with a thousand workers and thirty micro-shards a step, thirty are sent a version.

extension CoordinatorServer {
    /// Sends a worker that is given work what it computes with.
    func employ(_ worker: WorkerID) {
        let version = run.learner.version
        guard let peer = reception.peers[worker], peer.worksAt != version else { return }
        reception.peers[worker]?.worksAt = version
        atWork.append(worker)
        supply(worker)
        // What the others at work have been sent of the next version already.
        for (bucket, values) in run.learner.upcomingBuckets {
            sendWeights(values, bucket, version: version + 1, to: [worker])
        }
    }

    /// Sends a worker what it has not been sent of the version at hand.
    private func supply(_ worker: WorkerID) {
        let learner = run.learner
        guard let peer = reception.peers[worker], peer.weights != learner.version else { return }
        reception.peers[worker]?.weights = learner.version
        supplyFrozen(worker)
        for (bucket, values) in learner.buckets.enumerated() {
            sendWeights(values, bucket, version: learner.version, to: [worker])
        }
        sendStatistics(to: [worker])
    }

    private func supplyFrozen(_ worker: WorkerID) {
        guard reception.peers[worker]?.hasFrozen == false else { return }
        reception.peers[worker]?.hasFrozen = true
        for (bucket, values) in zip(run.parts.frozenBuckets, run.learner.frozenBuckets) {
            sendWeights(values, bucket, version: run.learner.version, to: [worker])
        }
    }

    /// Sends a worker that is given samples to label what it labels with.
    func supplyForLabels(_ worker: WorkerID) {
        guard run.parts.averages == .labels else { return supply(worker) }
        guard reception.peers[worker]?.averages != run.learner.version else { return }
        reception.peers[worker]?.averages = run.learner.version
        supplyFrozen(worker)
        sendAverages(to: [worker])
    }

    /// Sends those that were at work in the step just done what they lack of the weights it made.
    ///
    /// - Parameter clipped: whether no weights have gone out yet, since clipping waits for every
    ///   gradient.
    func sendRest(clipped: Bool) {
        let learner = run.learner
        let workers = atWork
        atWork = []
        if clipped {
            for (bucket, values) in learner.buckets.enumerated() {
                sendWeights(values, bucket, version: learner.version, to: workers)
            }
        }
        sendStatistics(to: workers)
        for worker in workers { reception.peers[worker]?.weights = learner.version }
    }

    /// What goes out with every version besides the buckets.
    private func sendStatistics(to workers: [WorkerID]) {
        let learner = run.learner
        sendWeights(
            learner.flatStatistics, run.parts.statistics, version: learner.version, to: workers)
        if run.parts.averages == .steps { sendAverages(to: workers) }
    }

    private func sendAverages(to workers: [WorkerID]) {
        guard let average = run.learner.average else { return }
        for (part, values) in zip(run.parts.averaged, average.buckets + [average.statistics]) {
            sendWeights(values, part, version: run.learner.version, to: workers)
        }
    }

    /// Sends one part of a version.
    func sendWeights(_ values: Tensor, _ part: Int, version: Int, to workers: [WorkerID]) {
        let doing = watch.turn(to: .broadcast)
        reception.say(
            .bucket(version: version, index: part, of: run.parts.count, values), to: workers)
        _ = watch.turn(to: doing)
    }
}
