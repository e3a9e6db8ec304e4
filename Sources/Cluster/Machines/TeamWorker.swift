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
        /// How long one of its threads works at a micro-shard, seconds; nil as long as no step is done.
        private(set) var pace: Double?
        /// The same once more than its first step is there: that one touches memory and lays out
        /// weights, and says nothing of those that follow.
        var settledPace: Double? { paces.count > 1 ? pace : nil }
        private var paces: [Double] = []
        /// What it has reported of the latest step.
        private var done = (seconds: 0.0, shards: 0)
        /// The micro-shards it was given of the latest step, and of the one before.
        private var shards: (now: Set<Int>, before: Set<Int>) = ([], [])

        init(threads: Int, workers: Int, lastHeard: Duration) {
            self.threads = threads
            self.workers = workers
            self.lastHeard = lastHeard
        }

        /// Takes in how long some micro-shards took.
        mutating func note(_ times: ShardTimes, shards: Int) {
            done.seconds += times.work.seconds
            done.shards += shards
        }

        /// Takes note of what it is given.
        mutating func note(lease given: [Int], step: Int) {
            if step > leasedStep {
                shards = ([], step == leasedStep + 1 ? shards.now : [])
            }
            leasedStep = step
            shards.now.formUnion(given)
        }

        /// Takes in what the steps before this one have shown of its pace.
        ///
        /// The median of the last three steps counts, the lesser of two: a single one that something
        /// came in the way of says nothing of the next.
        mutating func settle(before step: Int) {
            guard leasedStep < step, done.seconds > 0 else { return }
            defer { done = (0, 0) }
            paces = paces.suffix(2) + [done.seconds / Double(done.shards)]
            pace = paces.sorted()[(paces.count - 1) / 2]
        }

        /// The micro-shards whose clouds it has prepared for a step, as far as one can tell: those
        /// that it had in both steps before, or else in the last; none if it had no part in that.
        func ahead(at step: Int) -> Set<Int> {
            guard leasedStep == step - 1 else { return [] }
            let both = shards.now.intersection(shards.before)
            return both.isEmpty ? shards.now : both
        }

        /// Whether it has probably prepared a micro-shard's clouds: workers prepare the later ones of
        /// those they are given.
        func probablyHasAhead(_ shard: Int) -> Bool {
            shards.before.contains(shard) || shards.now.contains(shard)
        }
    }
}
