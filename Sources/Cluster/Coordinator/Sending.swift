import Messages
import Telemetry
import Tensors
import Training

// The weights that a coordinator sends: `WeightsDistributor` decides which parts go to whom, the
// learner has their values.

extension CoordinatorServer {
    /// Sends a worker that is given work the weights it lacks for that.
    func sendWeights(for work: WeightsDistributor.Work, to worker: WorkerID) {
        let learner = run.learner
        let parts = weights.assign(work, to: worker, version: learner.version)
        guard !parts.isEmpty else { return }
        let values = LearnerParts(learner, run.parts)
        for part in parts { send(part, values[part], to: [worker]) }
    }

    /// Makes a bucket of the version in the making available and sends it to the workers that will
    /// need it.
    func publish(_ values: Tensor, bucket: Int, version: Int) {
        let part = WeightsDistributor.Part(version: version, index: bucket)
        send(part, values, to: weights.add(part))
    }

    /// Makes every part of the learner's version available and sends the workers that need them those
    /// they lack.
    ///
    /// With gradient clipping that is all of them: no bucket can be updated before the norm of all is
    /// known.
    func publishVersion() {
        let values = LearnerParts(run.learner, run.parts)
        for index in run.parts.versioned {
            let part = WeightsDistributor.Part(version: values.version, index: index)
            let receivers = weights.add(part)
            if !receivers.isEmpty { send(part, values[part], to: receivers) }
        }
    }

    /// Makes the frozen parts and the learner's version available; there are no workers yet.
    func publishFirstVersion() {
        for index in run.parts.frozenBuckets {
            _ = weights.add(WeightsDistributor.Part(version: run.learner.version, index: index))
        }
        publishVersion()
    }

    private func send(_ part: WeightsDistributor.Part, _ values: Tensor, to workers: [WorkerID]) {
        let before = watch.turn(to: .broadcast)
        reception.say(
            .bucket(version: part.version, index: part.index, of: run.parts.count, values),
            to: workers)
        _ = watch.turn(to: before)
    }
}

/// The values of the parts of a learner's version, and of the buckets known of the next one.
private struct LearnerParts {
    let version: Int
    private let parts: WeightsParts
    private let learner: Learner
    private let buckets: [Tensor]
    private let upcoming: [Int: Tensor]

    init(_ learner: Learner, _ parts: WeightsParts) {
        version = learner.version
        self.parts = parts
        self.learner = learner
        buckets = learner.buckets
        upcoming = Dictionary(learner.upcomingBuckets.map { ($0.bucket, $0.values) }) { $1 }
    }

    subscript(part: WeightsDistributor.Part) -> Tensor {
        let index = part.index
        if parts.frozenBuckets.contains(index) {
            return learner.frozenBuckets[index - parts.frozenBuckets.lowerBound]
        }
        if part.version == version + 1 { return upcoming[index]! }
        if index < parts.learning { return buckets[index] }
        if index == parts.statistics { return learner.flatStatistics }
        let average = learner.average!
        let place = index - parts.averaged.lowerBound
        return place < parts.learning ? average.buckets[place] : average.statistics
    }
}
