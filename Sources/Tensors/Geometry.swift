internal import CKernels

// Neighbours, pooling and patches of points, as operations read them. PointClouds makes them once for
// a cloud, because building them costs more than a layer, and all networks share them.

/// The pairs of points that a sparse convolution multiplies: an input row and an output row for each
/// place of the kernel.
public struct KernelMap: Sendable {
    /// The number of input rows and of output rows, which are the same (submanifold).
    public let rows: Int
    /// Places in the kernel: 27 for 3 x 3 x 3.
    ///
    /// Place ((a * k) + b) * k + c reads the neighbour displaced by (a - r, b - r, c - r), r = k / 2.
    public let volume: Int
    /// The offset of each place's pairs in `inputs` and `outputs`: `volume + 1` values.
    public let starts: [Int32]
    /// The input row of each pair.
    public let inputs: [Int32]
    /// The output row of each pair, ascending within a place.
    public let outputs: [Int32]

    /// A map of the given pairs.
    ///
    /// Kernels access memory by the map, so it is checked here, in time linear in the pairs: every
    /// row exists, and outputs ascend within a place.
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
    /// The offset of each segment's rows in `members`: `count + 1` values.
    public let starts: [Int32]
    /// The rows, segment by segment, ascending within a segment.
    public let members: [Int32]
    /// The segment of each row: the inverse of `members`.
    public let segmentOfRow: [Int32]
    /// The number of segments.
    public var count: Int { starts.count - 1 }
    /// The number of rows.
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
    /// Whether the three lists agree, with every index in range: kernels access memory by them.
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

/// The patches of an attention: rows in serialised order that attend to one another.
///
/// Patch p reads the keys `keys[starts[p] ..< starts[p + 1]]`; of these the first `queries[p]` are
/// also its queries. Every row is a query exactly once; the keys after the queries are copies that
/// fill the last patch of a cloud.
public struct PatchPlan: Sendable {
    /// The number of rows.
    public let rows: Int
    /// The offset of each patch's keys: `patches + 1` values.
    public let starts: [Int32]
    /// The rows that are read as keys and values.
    public let keys: [Int32]
    /// The number of queries among each patch's keys.
    public let queries: [Int32]
    /// The number of patches.
    public var patches: Int { queries.count }

    /// A plan of the given patches.
    ///
    /// Kernels access memory by the plan, so it is checked here: every key is a row, and every row is
    /// a query exactly once.
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
