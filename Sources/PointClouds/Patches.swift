public import Tensors

extension PatchPlan {
    /// Patches of `patchSize` rows along a curve, within each cloud.
    ///
    /// A cloud of n points, n > `patchSize` = K and r = n mod K > 0, has a last patch of r points;
    /// it is filled with the tail of the previous patch: places r ..< K of that patch, as further
    /// keys. A cloud of at most K points is one patch.
    ///
    /// - Parameter order: the rows in serialised order, cloud by cloud.
    public init(order: [Int32], cloudRanges: [Range<Int>], patchSize: Int) {
        var starts: [Int32] = [0]
        var keys: [Int32] = []
        var queries: [Int32] = []
        keys.reserveCapacity(order.count + cloudRanges.count * patchSize)
        for range in cloudRanges {
            for begin in stride(from: range.lowerBound, to: range.upperBound, by: patchSize) {
                let own = begin..<min(begin + patchSize, range.upperBound)
                keys += order[own]
                // As the public implementation pads, but never with points of another cloud.
                if own.count < patchSize && begin > range.lowerBound {
                    keys += order[(begin - patchSize + own.count)..<begin]
                }
                queries.append(Int32(own.count))
                starts.append(Int32(keys.count))
            }
        }
        self.init(rows: order.count, starts: starts, keys: keys, queries: queries)
    }
}
