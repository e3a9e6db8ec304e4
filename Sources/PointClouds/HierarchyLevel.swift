import Tensors

/// A stage under construction: the codes of the first curve and the rows along every curve.
struct Level {
    var cells: [SIMD3<Int32>]
    var cloudRanges: [Range<Int>]
    /// Levels of each cloud's grid.
    var depths: [Int]
    /// The code of each row along the first curve, within its cloud.
    var codes: [UInt64]
    /// The rows along each curve, cloud by cloud.
    var orders: [[Int32]]

    /// The finest level.
    init(_ clouds: [[SIMD3<Int32>]], curves: [CurveOrder], depthRule: DepthRule) throws {
        var largest: [Int32] = []
        for (index, cloud) in clouds.enumerated() {
            let least = cloud.reduce(0) { min($0, $1.min()) }
            let greatest = cloud.reduce(0) { max($0, $1.max()) }
            let most = 1 << CurveOrder.greatestDepth
            // Codes have 60 bits: a larger coordinate would share the code of another cell.
            guard least >= 0 && greatest < most else {
                throw PointCloudError(
                    "Cloud \(index) has a voxel at coordinate \(least < 0 ? least : greatest); "
                        + "voxels lie in 0 ..< \(most).")
            }
            largest.append(greatest)
        }
        depths = depthRule.depths(largest: largest).map { min($0, CurveOrder.greatestDepth) }
        // A single cloud, as in labelling a scan, is not copied.
        cells = clouds.count == 1 ? clouds[0] : clouds.flatMap { $0 }
        cloudRanges = []
        codes = []
        orders = [[Int32]](repeating: [], count: curves.count)
        for (index, cloud) in clouds.enumerated() {
            let begin = cloudRanges.last?.upperBound ?? 0
            cloudRanges.append(begin..<begin + cloud.count)
            let depth = depths[index]
            let sorted = ThreadTeam.map(curves.count) { place in
                let codes = curves[place].codes(of: cloud, depth: depth)
                return (codes: codes, order: sortingOrder(codes))
            }
            for (place, (cloudCodes, order)) in sorted.enumerated() {
                if place == 0 {
                    try Self.checkDistinct(cloudCodes, order: order, cells: cloud, cloud: index)
                    codes += cloudCodes
                }
                orders[place] += begin == 0 ? order : order.map { $0 + Int32(begin) }
            }
        }
    }

    private init(
        cells: [SIMD3<Int32>], cloudRanges: [Range<Int>], depths: [Int], codes: [UInt64],
        orders: [[Int32]]
    ) {
        self.cells = cells
        self.cloudRanges = cloudRanges
        self.depths = depths
        self.codes = codes
        self.orders = orders
    }

    private static func checkDistinct(
        _ codes: [UInt64], order: [Int32], cells: [SIMD3<Int32>], cloud: Int
    ) throws {
        for place in order.indices.dropFirst() {
            let row = Int(order[place])
            guard codes[row] == codes[Int(order[place - 1])] else { continue }
            throw PointCloudError(
                "Cloud \(cloud) has two points in voxel (\(cells[row].x), \(cells[row].y), "
                    + "\(cells[row].z)); voxelise it first.")
        }
    }

    /// The next coarser level, with the rows of this level that each of its rows pools.
    func pooled(levels: Int) -> (Level, Segments) {
        var coarse = Level(
            cells: [], cloudRanges: [], depths: [], codes: [], orders: [])
        var segmentOfRow = [Int32](repeating: 0, count: cells.count)
        for (cloud, range) in cloudRanges.enumerated() {
            // As in the public implementation: a grid with too few levels left is not pooled.
            let dropped = levels > depths[cloud] ? 0 : levels
            let begin = coarse.cells.count
            for place in range {
                let row = Int(orders[0][place])
                let code = codes[row] >> UInt64(3 * dropped)
                if coarse.cells.count == begin || code != coarse.codes[coarse.codes.count - 1] {
                    coarse.cells.append(cells[row] &>> Int32(dropped))
                    coarse.codes.append(code)
                }
                segmentOfRow[row] = Int32(coarse.cells.count - 1)
            }
            coarse.depths.append(depths[cloud] - dropped)
            coarse.cloudRanges.append(begin..<coarse.cells.count)
        }
        coarse.orders.append((0..<Int32(coarse.cells.count)).map { $0 })
        // A cell's members follow one another along every curve: the coarse order is the fine one
        // with repetitions left out.
        let count = coarse.cells.count
        coarse.orders += ThreadTeam.map(orders.count - 1) { [segmentOfRow] curve in
            var order: [Int32] = []
            order.reserveCapacity(count)
            var last: Int32 = -1
            for row in orders[curve + 1] {
                let segment = segmentOfRow[Int(row)]
                if segment != last { order.append(segment) }
                last = segment
            }
            return order
        }
        return (coarse, Segments(segmentOfRow: segmentOfRow, count: count))
    }

    /// The next coarser level with codes of its own grid, and the rows of this level that each of its
    /// rows pools.
    func pooledAnew(
        by stride: Int, first: CurveOrder, curves: [CurveOrder], depthRule: DepthRule
    ) -> (Level, Segments) {
        var coarse = Level(cells: [], cloudRanges: [], depths: [], codes: [], orders: [])
        var segmentOfRow = [Int32](repeating: 0, count: cells.count)
        let divided = stride == 1 ? cells : cells.map { $0 / Int32(stride) }
        coarse.depths = depthRule.depths(
            largest: cloudRanges.map { range in
                divided[range].reduce(0) { max($0, $1.max()) }
            }
        ).map { min($0, CurveOrder.greatestDepth) }
        coarse.orders = [[Int32]](repeating: [], count: curves.count)
        for (cloud, range) in cloudRanges.enumerated() {
            let depth = coarse.depths[cloud]
            let begin = coarse.cells.count
            let codes = first.codes(of: Array(divided[range]), depth: depth)
            for place in sortingOrder(codes) {
                let code = codes[Int(place)]
                let row = range.lowerBound + Int(place)
                if coarse.cells.count == begin || code != coarse.codes[coarse.codes.count - 1] {
                    coarse.cells.append(divided[row])
                    coarse.codes.append(code)
                }
                segmentOfRow[row] = Int32(coarse.cells.count - 1)
            }
            coarse.cloudRanges.append(begin..<coarse.cells.count)
            let rows = Array(coarse.cells[begin...])
            let sorted = ThreadTeam.map(curves.count) { place in
                place == 0
                    ? (0..<Int32(rows.count)).map { $0 }
                    : sortingOrder(curves[place].codes(of: rows, depth: depth))
            }
            for (place, order) in sorted.enumerated() {
                coarse.orders[place] += begin == 0 ? order : order.map { $0 + Int32(begin) }
            }
        }
        return (coarse, Segments(segmentOfRow: segmentOfRow, count: coarse.cells.count))
    }

    /// The finished stage; its curves are the first ones of the level.
    func stage(
        _ index: Int, curves: [CurveOrder], pooling: Segments?,
        shuffle: PointHierarchy.OrderShuffle?
    ) -> PointHierarchy.Stage {
        var arranged = Array(orders.prefix(curves.count))
        var curvesOfCloud = [[CurveOrder]](repeating: curves, count: cloudRanges.count)
        if let shuffle {
            for (cloud, range) in cloudRanges.enumerated() {
                let permutation = shuffle.permutation(
                    of: curves.count, stage: index, cloud: cloud)
                for (place, curve) in permutation.enumerated() {
                    curvesOfCloud[cloud][place] = curves[curve]
                    // Within the cloud only: another cloud has a permutation of its own.
                    for at in range { arranged[place][at] = orders[curve][at] }
                }
            }
        }
        return PointHierarchy.Stage(
            gridCoordinates: cells, cloudRanges: cloudRanges, depths: depths,
            curves: curvesOfCloud, orders: arranged, pooling: pooling)
    }
}
