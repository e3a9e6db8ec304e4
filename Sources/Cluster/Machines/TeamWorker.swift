import Training

extension Team {
    /// One of those who share the work.
    struct Worker {
        /// Micro-shards it computes at once.
        var threads: Int
        /// Workers it stands for: itself, or those behind a relay.
        var workers: Int
        var lastHeard: Duration
        /// The latest step of which it was given anything; -1 for none.
        private(set) var leasedStep = -1
        /// How long one of its threads works at a micro-shard, seconds; nil as long as none is done.
        private(set) var pace: Double?
        /// The same once more than its first word is there: that one touches memory and lays out
        /// weights, and says nothing of those that follow.
        var settledPace: Double? { paces.count > 1 ? pace : nil }
        private var paces: [Double] = []
        /// The micro-shards it was given of the latest step, and of the one before.
        private var shards: (now: Set<Int>, before: Set<Int>) = ([], [])

        init(threads: Int, workers: Int, lastHeard: Duration) {
            self.threads = threads
            self.workers = workers
            self.lastHeard = lastHeard
        }

        /// Takes in how long some micro-shards took.
        ///
        /// The median of the last three counts, the lesser of two: a single one that something came
        /// in the way of says nothing of the next.
        mutating func note(_ times: ShardTimes, shards: Int) {
            let seconds = times.work.seconds / Double(max(shards, 1))
            guard seconds > 0 else { return }
            paces = paces.suffix(2) + [seconds]
            pace = paces.sorted()[(paces.count - 1) / 2]
        }

        /// Takes note of what it is given.
        mutating func note(lease given: [Int], step: Int) {
            if step > leasedStep { shards = ([], shards.now) }
            leasedStep = step
            shards.now.formUnion(given)
        }

        /// Whether it has probably prepared a micro-shard's clouds: workers prepare the later ones of
        /// those they are given.
        func probablyHasAhead(_ shard: Int) -> Bool {
            shards.before.contains(shard) || shards.now.contains(shard)
        }
    }
}
