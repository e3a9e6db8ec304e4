public import Tensors

extension Segments {
    /// The most frequent label of each segment's rows; the smallest class among equals.
    ///
    /// Rows that are ``Cloud/ignored`` do not count unless all are.
    public func majority(of labels: [Int32]) -> [Int32] {
        precondition(labels.count == rows, "\(labels.count) labels for \(rows) rows.")
        var sorted: [Int32] = []
        return (0..<count).map { segment in
            sorted.removeAll(keepingCapacity: true)
            for place in starts[segment]..<starts[segment + 1] {
                let label = labels[Int(members[Int(place)])]
                if label != Cloud.ignored { sorted.append(label) }
            }
            // Sorted: a run is a class, and the first of equal runs has the smallest class.
            sorted.sort()
            var winner = Cloud.ignored
            var most = 0
            var run = 0
            for (place, label) in sorted.enumerated() {
                run = place > 0 && sorted[place - 1] == label ? run + 1 : 1
                if run > most {
                    most = run
                    winner = label
                }
            }
            return winner
        }
    }

    /// The rows of each of `count` segments, from the segment of each row.
    package init(segmentOfRow: [Int32], count: Int) {
        var starts = [Int32](repeating: 0, count: count + 1)
        for segment in segmentOfRow { starts[Int(segment) + 1] += 1 }
        for segment in 0..<count { starts[segment + 1] += starts[segment] }
        var next = starts
        var members = [Int32](repeating: 0, count: segmentOfRow.count)
        for (row, segment) in segmentOfRow.enumerated() {
            members[Int(next[Int(segment)])] = Int32(row)
            next[Int(segment)] += 1
        }
        self.init(starts: starts, members: members, segmentOfRow: segmentOfRow)
    }
}
