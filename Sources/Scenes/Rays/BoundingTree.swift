import Tensors

/// A bounding volume hierarchy that finds the first solid on a ray.
///
/// The nodes are stored in depth-first order: a ray that misses a node's box continues at its `skip`,
/// so traversal needs no stack. All rays start at one viewpoint, so the child nearer to the viewpoint
/// comes first: near solids are hit early and exclude the farther ones.
package struct BoundingTree: Sendable {
    private struct Node {
        var lower: SIMD3<Float>
        var upper: SIMD3<Float>
        /// Index of the node after this one's descendants.
        var skip: Int
        /// Solids of a leaf; empty for an inner node.
        var solids: Range<Int>
    }

    private var nodes: [Node] = []
    /// Solids in the order of the leaves.
    private var solids: [Primitive] = []
    /// Mean free path in metres by material; 0 for a solid.
    private let freePaths: [Float]

    /// The first intersection of a ray.
    package struct Hit {
        package var distance: Float
        /// Index in the scenery's materials.
        package var material: Int
        /// Cosine of the angle between the ray and the surface's normal, 0 … 1.
        package var incidence: Float
        /// Outward normal of the surface; up for foliage.
        package var normal: SIMD3<Float>
    }

    /// Builds the hierarchy of a scenery's solids for rays from a viewpoint.
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
        var lowerCentre = primitives[first].centre
        var upperCentre = lowerCentre
        for primitive in primitives[range] {
            lower = pointwiseMin(lower, primitive.lower)
            upper = pointwiseMax(upper, primitive.upper)
            lowerCentre = pointwiseMin(lowerCentre, primitive.centre)
            upperCentre = pointwiseMax(upperCentre, primitive.centre)
        }
        let node = nodes.count
        nodes.append(Node(lower: lower, upper: upper, skip: 0, solids: 0..<0))
        if range.count <= 3 {
            nodes[node].solids = solids.count..<solids.count + range.count
            solids.append(contentsOf: primitives[range])
        } else {
            let spread = upperCentre - lowerCentre
            let axis =
                spread.x >= max(spread.y, spread.z) ? 0 : (spread.y >= spread.z ? 1 : 2)
            // The number breaks ties: the order, and with it the scene, must be the same everywhere.
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

    /// Finds the first solid on a ray within `limit` metres.
    ///
    /// - Parameter salt: a number of the ray, from which its depth in foliage is derived.
    package func firstHit(_ ray: Ray, limit: Float, salt: UInt32) -> Hit? {
        var nearest = limit
        var found = -1
        var index = 0
        while index < nodes.count {
            let node = nodes[index]
            let a = (node.lower - ray.origin) * ray.inverse
            let b = (node.upper - ray.origin) * ray.inverse
            let entry = max(min(a.x, b.x), max(min(a.y, b.y), min(a.z, b.z)))
            let exit = min(max(a.x, b.x), min(max(a.y, b.y), max(a.z, b.z)))
            guard entry <= exit && exit >= 0 && entry < nearest else {
                index = node.skip
                continue
            }
            for candidate in node.solids {
                let distance = distance(
                    to: solids[candidate], along: ray,
                    salt &+ UInt32(solids[candidate].number) &* 0x9E37_79B9)
                if distance < nearest {
                    nearest = distance
                    found = candidate
                }
            }
            index += 1
        }
        guard found >= 0 else { return nil }
        let solid = solids[found]
        if freePaths[solid.material] > 0 {
            // Leaves have random orientations.
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

    /// Distance at which a ray hits a solid; infinite if it misses.
    @inline(__always)
    private func distance(
        to solid: Primitive, along ray: Ray, _ salt: UInt32
    ) -> Float {
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

/// Hashes a number to a pseudorandom fraction in [0, 1) by the finaliser of MurmurHash3.
// A generator per ray would have to be advanced in a fixed order; a hash is independent of traversal.
func unitFraction(_ number: UInt32) -> Float {
    var h = number
    h ^= h >> 16
    h &*= 0x85eb_ca6b
    h ^= h >> 13
    h &*= 0xc2b2_ae35
    h ^= h >> 16
    return Float(h >> 8) * 0x1p-24
}
