/// Parts of the weights as they arrived, stored until they are passed on.
///
/// A relay stores the messages it received; all of its workers are sent the same frames. Which parts
/// are stored follows ``WeightsDistributor``.
package struct WeightsStore<Payload> {
    package typealias Part = WeightsDistributor.Part

    private var distributor: WeightsDistributor
    /// Payloads of each available version, by the part's number.
    private var payloads: [Int: [Int: Payload]] = [:]
    /// Payloads of the frozen parts.
    private var frozen: [Int: Payload] = [:]

    /// An empty store.
    package init(_ parts: WeightsParts) { distributor = WeightsDistributor(parts) }

    /// Stores a part; returns the workers to send it to now.
    package mutating func add(_ payload: Payload, _ part: Part) -> [WorkerID] {
        guard distributor.exists(part) else { return [] }
        let receivers = distributor.add(part)
        if distributor.isFrozen(part) {
            frozen[part.index] = payload
        } else if distributor.isAvailable(part.version) {
            payloads[part.version, default: [:]][part.index] = payload
            for old in payloads.keys where !distributor.isAvailable(old) { payloads[old] = nil }
        }
        return receivers
    }

    /// Records that a worker is given work with a version; returns the parts to send before the work.
    package mutating func assign(
        _ work: WeightsDistributor.Work, to worker: WorkerID, version: Int
    ) -> [(part: Part, payload: Payload)] {
        distributor.assign(work, to: worker, version: version).map { part in
            let payload =
                distributor.isFrozen(part)
                ? frozen[part.index] : payloads[part.version]?[part.index]
            return (part, payload!)
        }
    }

    /// Forgets a worker.
    package mutating func remove(_ worker: WorkerID) { distributor.remove(worker) }
}
