internal import CKernels

// What the operations need to know of the points: who neighbours whom, who pools into whom, who
// attends to whom. Made once a cloud by PointClouds and shared by every network that looks at it.

/// The pairs of points a sparse convolution multiplies: for each place in the kernel, which input
/// row feeds which output row.
public struct KernelMap: Sendable {
    /// How many rows go in and come out (submanifold: the same).
    public let rows: Int
    /// Places in the kernel: 27 for 3 x 3 x 3.
    ///
    /// Place ((a * k) + b) * k + c looks at the neighbour
    /// displaced by (a - r, b - r, c - r), r = k / 2.
    public let volume: Int
    /// Where the pairs of each place begin in `inputs` and `outputs`: `volume + 1` values.
    public let starts: [Int32]
    /// The input row of each pair.
    public let inputs: [Int32]
    /// The output row of each pair, ascending within a place.
    public let outputs: [Int32]

    /// A map of the given pairs.
    ///
    /// Kernels trust it, so it is checked here, in time linear in the
    /// pairs: every row exists, and outputs ascend within a place.
    public init(rows: Int, volume: Int, starts: [Int32], inputs: [Int32], outputs: [Int32]) {
        precondition(starts.count == volume + 1 && inputs.count == outputs.count)
        precondition(starts.first == 0 && starts.last.map(Int.init) == inputs.count)
        precondition(
            zip(starts, starts.dropFirst()).allSatisfy { $0 <= $1 }, "Places begin in order.")
        ThreadTeam.forEach(volume) { place in
            var previous: Int32 = -1
            for pair in Int(starts[place])..<Int(starts[place + 1]) {
                precondition(outputs[pair] > previous, "Outputs ascend within a place.")
                previous = outputs[pair]
            }
            precondition(Int(previous) < rows, "Outputs are rows.")
        }
        precondition(
            unsafe dj_indices_within(inputs, inputs.count, rows) != 0, "Inputs are rows.")
        self.rows = rows
        self.volume = volume
        self.starts = starts
        self.inputs = inputs
        self.outputs = outputs
    }
}

/// Rows grouped into segments (pooling clusters): each row belongs to exactly one.
public struct Segments: Sendable {
    /// For each segment, where its members begin in `members`: `count + 1` values.
    public let starts: [Int32]
    /// The rows, segment by segment, ascending within a segment.
    public let members: [Int32]
    /// The segment of each row: the way back.
    public let segmentOfRow: [Int32]
    /// How many segments.
    public var count: Int { starts.count - 1 }
    /// How many rows.
    public var rows: Int { members.count }

    /// The grouping of the given segments.
    public init(starts: [Int32], members: [Int32], segmentOfRow: [Int32]) {
        precondition(
            Self.areSegments(starts: starts, members: members, segmentOfRow: segmentOfRow),
            "Each row must belong to exactly one segment, ascending within it.")
        self.starts = starts
        self.members = members
        self.segmentOfRow = segmentOfRow
    }
}

extension Segments {
    /// Whether the three lists say the same, with every number in range: kernels rely on it.
    private static func areSegments(
        starts: [Int32], members: [Int32], segmentOfRow: [Int32]
    ) -> Bool {
        guard members.count == segmentOfRow.count, starts.first == 0,
            starts[starts.count - 1] == members.count
        else { return false }
        for segment in 0..<starts.count - 1 {
            guard starts[segment] <= starts[segment + 1] else { return false }
            var previous: Int32 = -1
            for place in starts[segment]..<starts[segment + 1] {
                guard place < members.count else { return false }
                let member = members[Int(place)]
                guard member > previous, member < segmentOfRow.count,
                    segmentOfRow[Int(member)] == segment
                else { return false }
                previous = member
            }
        }
        return true
    }
}

/// Who attends to whom: patches of rows in serialised order.
///
/// Patch p reads the keys `keys[starts[p] ..< starts[p + 1]]`; of these the first `queries[p]` are
/// also its queries. Every row is a query exactly once; the keys behind them are the copies that
/// fill up a cloud's last patch.
public struct PatchPlan: Sendable {
    /// How many rows.
    public let rows: Int
    /// Where each patch's keys begin: `patches + 1` values.
    public let starts: [Int32]
    /// The rows read as keys and values.
    public let keys: [Int32]
    /// How many of a patch's keys are its queries.
    public let queries: [Int32]
    /// How many patches.
    public var patches: Int { queries.count }

    /// A plan of the given patches.
    ///
    /// Kernels trust it, so it is checked here: every key is a row and
    /// every row is a query exactly once.
    public init(rows: Int, starts: [Int32], keys: [Int32], queries: [Int32]) {
        precondition(starts.count == queries.count + 1)
        precondition(starts.first == 0 && starts.last.map(Int.init) == keys.count)
        precondition(unsafe dj_indices_within(keys, keys.count, rows) != 0, "Keys are rows.")
        var asked = [Bool](repeating: false, count: rows)
        var count = 0
        for patch in queries.indices {
            precondition(
                queries[patch] >= 0 && starts[patch] + queries[patch] <= starts[patch + 1],
                "A patch's queries are among its keys.")
            for key in keys[Int(starts[patch])..<Int(starts[patch] + queries[patch])] {
                precondition(!asked[Int(key)], "Row \(key) is a query twice.")
                asked[Int(key)] = true
                count += 1
            }
        }
        precondition(count == rows, "\(rows - count) rows are no patch's query.")
        self.rows = rows
        self.starts = starts
        self.keys = keys
        self.queries = queries
    }
}
