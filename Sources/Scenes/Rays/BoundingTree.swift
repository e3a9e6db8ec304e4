import Tensors

/// Finds what a ray meets first among many solids.
///
/// A binary tree of boxes in one array, in depth-first order: a ray that misses a node's box goes
/// on at its `skip`, and no stack is kept. Rays start at one viewpoint, so of two children the one
/// nearer to it stands first: what lies near is met early, and cuts off the rest.
package struct BoundingTree: Sendable {
    private struct Node {
        var lower: SIMD3<Float>
        var upper: SIMD3<Float>
        /// The node after this one's descendants.
        var skip: Int
        /// The solids of a leaf; empty for an inner node.
        var solids: Range<Int>
    }

    private var nodes: [Node] = []
    /// In the order of the leaves.
    private var solids: [Primitive] = []
    /// How deep a beam goes on average into each material, 0 for a solid one.
    private let freePaths: [Float]

    /// What a ray meets.
    package struct Hit {
        package var distance: Float
        /// Of the scenery's list.
        package var material: Int
        /// The cosine of the angle between the ray and the surface's normal, 0 … 1.
        package var incidence: Float
        /// The surface's outward direction; up for foliage.
        package var normal: SIMD3<Float>
    }

    /// The tree of a scenery's solids for rays from a viewpoint.
    package init(_ scenery: Scenery, seenFrom viewpoint: SIMD3<Float>) {
        freePaths = scenery.materials.map(\.freePath)
        var primitives = scenery.primitives
        solids.reserveCapacity(primitives.count)
        nodes.reserveCapacity(primitives.count)
        grow(&primitives, 0..<primitives.count, viewpoint)
    }

    private mutating func grow(
        _ primitives: inout [Primitive], _ range: Range<Int>, _ viewpoint: SIMD3<Float>
    ) {
        guard let first = range.first else { return }
        var lower = primitives[first].lower
        var upper = primitives[first].upper
        var least = primitives[first].centre
        var greatest = least
        for primitive in primitives[range] {
            lower = pointwiseMin(lower, primitive.lower)
            upper = pointwiseMax(upper, primitive.upper)
            least = pointwiseMin(least, primitive.centre)
            greatest = pointwiseMax(greatest, primitive.centre)
        }
        let node = nodes.count
        nodes.append(Node(lower: lower, upper: upper, skip: 0, solids: 0..<0))
        if range.count <= 3 {
            nodes[node].solids = solids.count..<solids.count + range.count
            solids.append(contentsOf: primitives[range])
        } else {
            let spread = greatest - least
            let axis =
                spread.x >= max(spread.y, spread.z) ? 0 : (spread.y >= spread.z ? 1 : 2)
            primitives[range].sort {
                ($0.centre[axis], $0.number) < ($1.centre[axis], $1.number)
            }
            let middle = range.lowerBound + range.count / 2
            let halves = [range.lowerBound..<middle, middle..<range.upperBound]
            let nearerIsSecond = viewpoint[axis] > primitives[middle].centre[axis]
            for half in nearerIsSecond ? halves.reversed() : halves {
                grow(&primitives, half, viewpoint)
            }
        }
        nodes[node].skip = nodes.count
    }

    /// The first solid on a ray's way, no farther than `limit`.
    ///
    /// `salt` is a number of the ray's own: how deep it goes into foliage follows from it.
    package func firstHit(_ ray: Ray, limit: Float, salt: UInt32) -> Hit? {
        var nearest = limit
        var found = -1
        var place = 0
        while place < nodes.count {
            let node = nodes[place]
            let a = (node.lower - ray.origin) * ray.inverse
            let b = (node.upper - ray.origin) * ray.inverse
            let entry = max(min(a.x, b.x), max(min(a.y, b.y), min(a.z, b.z)))
            let exit = min(max(a.x, b.x), min(max(a.y, b.y), max(a.z, b.z)))
            guard entry <= exit && exit >= 0 && entry < nearest else {
                place = node.skip
                continue
            }
            for index in node.solids {
                let distance = meet(
                    solids[index], ray, salt &+ UInt32(solids[index].number) &* 0x9E37_79B9)
                if distance < nearest {
                    nearest = distance
                    found = index
                }
            }
            place += 1
        }
        guard found >= 0 else { return nil }
        let solid = solids[found]
        if freePaths[solid.material] > 0 {
            // Leaves face anywhere.
            let incidence = 0.2 + 0.8 * unitFraction(salt ^ 0x5bd1_e995)
            return Hit(
                distance: nearest, material: solid.material, incidence: incidence,
                normal: SIMD3(0, 0, 1))
        }
        let normal = solid.normal(at: ray.point(at: nearest))
        return Hit(
            distance: nearest, material: solid.material,
            incidence: min(dot(normal, ray.direction).magnitude, 1), normal: normal)
    }

    /// The distance at which a ray meets a solid, infinite if it does not.
    @inline(__always)
    private func meet(_ solid: Primitive, _ ray: Ray, _ salt: UInt32) -> Float {
        let inside = solid.interval(ray)
        guard !inside.isEmpty && inside.exit > 0 else { return .infinity }
        let freePath = freePaths[solid.material]
        if freePath == 0 { return inside.entry > 0 ? inside.entry : .infinity }
        // The free path in a medium of scattered leaves is exponentially distributed.
        let depth = -freePath * Float(logarithm(Double(1 - unitFraction(salt))))
        let distance = max(inside.entry, 0) + depth
        return distance < inside.exit ? distance : .infinity
    }
}

/// A fraction in [0, 1) that looks random, from a number (the finaliser of MurmurHash3).
func unitFraction(_ number: UInt32) -> Float {
    var h = number
    h ^= h >> 16
    h &*= 0x85eb_ca6b
    h ^= h >> 13
    h &*= 0xc2b2_ae35
    h ^= h >> 16
    return Float(h >> 8) * 0x1p-24
}
