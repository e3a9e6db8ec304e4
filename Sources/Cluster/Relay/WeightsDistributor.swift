/// Weights on their way through a relay: kept as they come, each part once, and passed on to those
/// below that compute with them.
///
/// Kept are two versions, the one in use and the one on its way, and what is frozen.
package struct WeightsDistributor<Part> {
    /// A part of a version of the weights.
    package struct Numbered {
        package let version: Int
        package let index: Int
        package let part: Part
    }

    private let frozen: Range<Int>
    private var versions: [Int: [Int: Part]] = [:]
    private var constant: [Int: Numbered] = [:]
    /// The version a worker was given work with last.
    private var engaged: [WorkerID: Int] = [:]
    /// What each worker was sent of the versions at hand, and of what is frozen.
    private var sent: [WorkerID: [Int: Set<Int>]] = [:]

    /// Nothing yet.
    ///
    /// - Parameter frozen: which parts are the same in every version.
    package init(frozen: Range<Int>) { self.frozen = frozen }

    /// Takes a part; those that are to be sent it at once.
    package mutating func take(_ part: Part, version: Int, index: Int) -> [WorkerID] {
        if frozen.contains(index) {
            constant[index] = Numbered(version: version, index: index, part: part)
        } else {
            versions[version, default: [:]][index] = part
            for old in versions.keys.sorted().dropLast(2) { versions[old] = nil }
            guard versions[version] != nil else { return [] }
        }
        // Whoever works with a version is sent the next one as it is made.
        let receivers = engaged.filter {
            frozen.contains(index) || $0.value == version || $0.value == version - 1
        }.keys.sorted()
        return receivers.filter { mark(index, of: version, for: $0) }
    }

    /// A worker is given work with a version: what of that and the next it has not been sent.
    package mutating func engage(_ worker: WorkerID, with version: Int) -> [Numbered] {
        engaged[worker] = version
        var parts = constant.keys.sorted().compactMap { constant[$0] }
        for number in [version, version + 1] {
            let known = versions[number] ?? [:]
            parts += known.keys.sorted().map {
                Numbered(version: number, index: $0, part: known[$0]!)
            }
        }
        parts = parts.filter { mark($0.index, of: $0.version, for: worker) }
        // What was dropped here is not asked for any more.
        for old in (sent[worker] ?? [:]).keys where old >= 0 && versions[old] == nil {
            sent[worker]?[old] = nil
        }
        return parts
    }

    /// A worker is gone.
    package mutating func forget(_ worker: WorkerID) {
        engaged[worker] = nil
        sent[worker] = nil
    }

    /// Puts down that a worker is sent a part; false if it was before.
    private mutating func mark(_ index: Int, of version: Int, for worker: WorkerID) -> Bool {
        let number = frozen.contains(index) ? -1 : version
        return sent[worker, default: [:]][number, default: []].insert(index).inserted
    }
}
