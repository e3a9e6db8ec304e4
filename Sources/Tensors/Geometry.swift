// What the operations need to know of the points: who neighbours whom, who pools into whom, who
// attends to whom. Made once a cloud by PointClouds and shared by every network that looks at it.

/// The pairs of points a sparse convolution multiplies: for each place in the kernel, which input
/// row feeds which output row.
public struct KernelMap: Sendable {
    /// How many rows go in and come out (submanifold: the same).
    public let rows: Int
    /// Places in the kernel: 27 for 3 x 3 x 3. Place ((a * k) + b) * k + c looks at the neighbour
    /// displaced by (a - r, b - r, c - r), r = k / 2.
    public let volume: Int
    /// Where the pairs of each place begin in `inputs` and `outputs`: `volume + 1` values.
    public let starts: [Int32]
    /// The input row of each pair.
    public let inputs: [Int32]
    /// The output row of each pair, ascending within a place.
    public let outputs: [Int32]

    /// A map of the given pairs.
    public init(rows: Int, volume: Int, starts: [Int32], inputs: [Int32], outputs: [Int32]) {
        precondition(starts.count == volume + 1 && inputs.count == outputs.count)
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
        precondition(members.count == segmentOfRow.count)
        self.starts = starts
        self.members = members
        self.segmentOfRow = segmentOfRow
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
    public init(rows: Int, starts: [Int32], keys: [Int32], queries: [Int32]) {
        precondition(starts.count == queries.count + 1)
        self.rows = rows
        self.starts = starts
        self.keys = keys
        self.queries = queries
    }
}
