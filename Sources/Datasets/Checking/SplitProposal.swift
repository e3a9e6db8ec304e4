import ZipArchives

/// A division of scenes into splits that keeps neighbours together.
///
/// Frames of one recording and scans that touch belong to the same split, so that validation does
/// not measure places of the training data. A survey without gaps is divided into compact blocks,
/// and the scans on both sides of a cut are counted. Groups and blocks are assigned so that every
/// split has about its share of the points of each class.
package struct SplitProposal: Sendable, Equatable {
    /// A scene with its recording.
    package struct Scene: Sendable {
        /// The statistics of the scene.
        package let report: SceneReport
        /// The recording: the name by which `data.sequences` selects the scene.
        package let recording: String

        /// A scene of a recording.
        package init(_ report: SceneReport, recording: String) {
            self.report = report
            self.recording = recording
        }
    }

    /// Names for `data.sequences`, by split.
    package private(set) var sequences: [Split: [String]] = [:]
    /// Points of each class, by split.
    package private(set) var pointsOfClass: [Split: [Int]] = [:]
    /// The number of groups of neighbours that were assigned.
    package private(set) var groups = 0
    /// The number of recordings that touch one of another split, after a survey was divided.
    package private(set) var cutNeighbours = 0

    /// The distance in metres below which scans are neighbours.
    package static let margin = 5.0

    /// Divides scenes.
    ///
    /// - Parameters:
    ///   - scenes: all scenes of the data set.
    ///   - shares: how much of the points each split besides training should have.
    /// - Throws: `SourceError` if there are too few recordings.
    package init(_ scenes: [Scene], shares: [Split: Double]) throws {
        let recordings = Recording.all(of: scenes)
        let splits = Split.allCases.filter { $0 == .training || shares[$0, default: 0] > 0 }
        guard recordings.count >= splits.count else {
            throw SourceError(
                "The \(scenes.count) scenes are of \(recordings.count) recordings, which is too "
                    + "few for \(splits.count) splits: add some, or divide the scans into files.")
        }
        let neighbours = Recording.neighbours(in: recordings)
        var groups = Recording.groups(in: recordings, neighbours)
        let total = recordings.reduce(0) { $0 + $1.points }
        // Groups of more than a tenth of all points could not be assigned evenly.
        groups = groups.flatMap { Recording.blocks(of: $0, in: recordings, atMost: total / 10) }
        // Too few groups for the splits: neighbours are separated rather than a split left empty.
        if groups.count < splits.count { groups = recordings.indices.map { [$0] } }
        self.groups = groups.count
        let counts = groups.map { group in
            group.dropFirst().reduce(recordings[group[0]].counts) {
                zip($0, recordings[$1].counts).map(+)
            }
        }
        let assigned = SplitAssignment(counts, splits: splits, shares: shares).splits
        var splitOf = [Split](repeating: .training, count: recordings.count)
        for (group, split) in zip(groups, assigned) {
            for index in group { splitOf[index] = split }
        }
        for split in splits {
            let members = recordings.indices.filter { splitOf[$0] == split }
            sequences[split] = members.map { recordings[$0].name }
            pointsOfClass[split] = members.reduce(
                [Int](repeating: 0, count: recordings[0].counts.count - 1)
            ) { zip($0, recordings[$1].counts).map(+) }
        }
        cutNeighbours = neighbours.indices.count { index in
            neighbours[index].contains { splitOf[$0] != splitOf[index] }
        }
    }
}

/// The scenes of one recording.
private struct Recording {
    let name: String
    /// The numbers of points of each class, and finally of those without a class.
    private(set) var counts: [Int]
    private(set) var lower: SIMD3<Double>
    private(set) var upper: SIMD3<Double>

    var points: Int { counts.reduce(0, +) }
    var middle: SIMD3<Double> { (lower + upper) / 2 }

    /// The distance from zero beyond which coordinates are of the whole data set, not of one
    /// folder.
    private static let georeferenced = 10_000.0

    /// The recordings of scenes, in order of first occurrence.
    static func all(of scenes: [SplitProposal.Scene]) -> [Recording] {
        var places: [String: Int] = [:]
        var recordings: [Recording] = []
        for scene in scenes {
            let report = scene.report
            let counts = report.pointsOfClass + [report.ignored]
            guard let place = places[scene.recording] else {
                places[scene.recording] = recordings.count
                recordings.append(
                    Recording(
                        name: scene.recording, counts: counts, lower: report.lower,
                        upper: report.upper))
                continue
            }
            // Scans of one recording show the same places: divided among splits, validation would
            // measure what training has seen.
            recordings[place].counts = zip(recordings[place].counts, counts).map(+)
            recordings[place].lower = pointwiseMin(recordings[place].lower, report.lower)
            recordings[place].upper = pointwiseMax(recordings[place].upper, report.upper)
        }
        return recordings
    }

    /// The neighbours of each recording.
    static func neighbours(in recordings: [Recording]) -> [[Int]] {
        var neighbours = [[Int]](repeating: [], count: recordings.count)
        // Recordings are sorted by x: only boxes that overlap in x are compared.
        let order = recordings.indices.sorted {
            // Ties by index: the proposal must not depend on the sorting algorithm.
            (recordings[$0].lower.x, $0) < (recordings[$1].lower.x, $1)
        }
        for (place, index) in order.enumerated() {
            let here = recordings[index]
            for other in order[(place + 1)...] {
                let there = recordings[other]
                // All later boxes begin even further to the right.
                if there.lower.x > here.upper.x + SplitProposal.margin { break }
                if here.touches(there) {
                    neighbours[index].append(other)
                    neighbours[other].append(index)
                }
            }
        }
        return neighbours
    }

    private func touches(_ other: Recording) -> Bool {
        let margin = SplitProposal.margin
        return other.lower.x <= upper.x + margin && lower.x <= other.upper.x + margin
            && other.lower.y <= upper.y + margin && lower.y <= other.upper.y + margin
            && isComparable(with: other)
    }

    /// Whether the coordinates of two recordings share a system: far from zero, or in one folder.
    ///
    /// Recordings around zero have systems of their own, with the sensor at the origin.
    private func isComparable(with other: Recording) -> Bool {
        // Local coordinates of different recordings overlap by chance; only survey coordinates
        // say that two recordings are near each other.
        if isFar || other.isFar { return isFar && other.isFar }
        return folder == other.folder && !(surroundsZero && other.surroundsZero)
    }

    private var isFar: Bool { max(abs(lower.x), abs(lower.y)) > Self.georeferenced }
    private var surroundsZero: Bool { lower.x < 0 && upper.x > 0 && lower.y < 0 && upper.y > 0 }
    private var folder: Substring { name.lastIndex(of: "/").map { name[..<$0] } ?? "" }

    /// The groups of recordings that neighbours connect, in order.
    static func groups(in recordings: [Recording], _ neighbours: [[Int]]) -> [[Int]] {
        var isGrouped = [Bool](repeating: false, count: recordings.count)
        return recordings.indices.compactMap { first in
            guard !isGrouped[first] else { return nil }
            var group: [Int] = []
            var waiting = [first]
            isGrouped[first] = true
            while let index = waiting.popLast() {
                group.append(index)
                for other in neighbours[index] where !isGrouped[other] {
                    isGrouped[other] = true
                    waiting.append(other)
                }
            }
            // Sorted, so that the proposal does not depend on the order of the search.
            return group.sorted()
        }
    }

    /// Divides a group into compact blocks of at most `most` points, by halving across its longer
    /// side.
    static func blocks(of group: [Int], in recordings: [Recording], atMost most: Int) -> [[Int]] {
        let points = group.reduce(0) { $0 + recordings[$1].points }
        guard group.count > 1, points > most else { return [group] }
        let middles = group.map { recordings[$0].middle }
        let lower = middles.dropFirst().reduce(middles[0]) { pointwiseMin($0, $1) }
        let upper = middles.dropFirst().reduce(middles[0]) { pointwiseMax($0, $1) }
        let axis = upper.x - lower.x >= upper.y - lower.y ? 0 : 1
        let sorted = group.sorted {
            (recordings[$0].middle[axis], $0) < (recordings[$1].middle[axis], $1)
        }
        var passed = 0
        var cut = 1
        for (place, index) in sorted.enumerated().dropLast() {
            passed += recordings[index].points
            cut = place + 1
            if 2 * passed >= points { break }
        }
        return blocks(of: Array(sorted[..<cut]), in: recordings, atMost: most)
            + blocks(of: Array(sorted[cut...]), in: recordings, atMost: most)
    }
}

/// The assignment of groups to splits.
///
/// The largest groups are assigned first, each to the split that then is nearest to its share of
/// every class. Groups are then moved and swapped as long as this reduces the cost.
private struct SplitAssignment {
    /// The split of each group.
    var splits: [Split] { places.map { names[$0] } }

    private let counts: [[Int]]
    private let names: [Split]
    private let shares: [Double]
    private let totals: [Double]
    private var held: [[Double]]
    private var places: [Int]

    /// The number of groups above which groups are moved, but not swapped.
    private static let mostSwapped = 200
    private static let mostRounds = 100

    init(_ counts: [[Int]], splits names: [Split], shares: [Split: Double]) {
        self.counts = counts
        self.names = names
        let others = names.reduce(0) { $1 == .training ? $0 : $0 + shares[$1, default: 0] }
        self.shares = names.map { $0 == .training ? 1 - others : shares[$0, default: 0] }
        let columns = counts.first?.count ?? 0
        totals = (0..<columns).map { column in Double(counts.reduce(0) { $0 + $1[column] }) }
        held = names.map { _ in [Double](repeating: 0, count: columns) }
        places = Array(repeating: 0, count: counts.count)
        let sizes = counts.map { $0.reduce(0, +) }
        let order = counts.indices.sorted { (sizes[$1], $0) < (sizes[$0], $1) }
        for (place, group) in order.enumerated() { deal(group, left: order.count - place) }
        for _ in 0..<Self.mostRounds where !improves() { break }
    }

    private mutating func put(_ group: Int, in split: Int, sign: Double) {
        for (column, count) in counts[group].enumerated() {
            held[split][column] += sign * Double(count)
        }
        if sign > 0 { places[group] = split }
    }

    private mutating func deal(_ group: Int, left: Int) {
        let empty = names.indices.filter { held[$0].allSatisfy { $0 == 0 } }
        // Every split must receive a group.
        let candidates = empty.count >= left ? empty : Array(names.indices)
        var best = (split: candidates[0], cost: Double.infinity)
        for split in candidates {
            put(group, in: split, sign: 1)
            let cost = cost
            put(group, in: split, sign: -1)
            if cost < best.cost { best = (split, cost) }
        }
        put(group, in: best.split, sign: 1)
    }

    /// The deviation of all splits from their shares of every class, relative to the size of the
    /// split.
    private var cost: Double {
        var cost = 0.0
        for (split, share) in shares.enumerated() {
            for (column, total) in totals.enumerated() where total > 0 {
                let difference = held[split][column] / total - share
                cost += difference * difference / share
            }
        }
        return cost
    }

    /// Applies the moves and swaps that reduce the cost; false if there were none.
    private mutating func improves() -> Bool {
        var least = cost - 1e-9
        var hasImproved = false
        for group in counts.indices {
            let from = places[group]
            guard places.count(where: { $0 == from }) > 1 else { continue }
            for split in names.indices where split != places[group] {
                let before = places[group]
                put(group, in: before, sign: -1)
                put(group, in: split, sign: 1)
                if cost < least {
                    least = cost - 1e-9
                    hasImproved = true
                    break
                }
                put(group, in: split, sign: -1)
                put(group, in: before, sign: 1)
            }
        }
        guard counts.count <= Self.mostSwapped else { return hasImproved }
        for one in counts.indices {
            for other in counts.indices.dropFirst(one + 1) where places[one] != places[other] {
                swap(one, other)
                if cost < least {
                    least = cost - 1e-9
                    hasImproved = true
                } else {
                    swap(one, other)
                }
            }
        }
        return hasImproved
    }

    private mutating func swap(_ one: Int, _ other: Int) {
        let (first, second) = (places[one], places[other])
        put(one, in: first, sign: -1)
        put(other, in: second, sign: -1)
        put(one, in: second, sign: 1)
        put(other, in: first, sign: 1)
    }
}
