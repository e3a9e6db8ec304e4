import Foundation

/// The direction from which points are drawn.
package enum Viewpoint: Sendable, Equatable {
    /// From above, without perspective; north (y) is up.
    case top
    /// In perspective: degrees about z, counter-clockwise from east (x), and degrees above the horizon.
    case perspective(azimuth: Double, elevation: Double)

    /// From the south-west, 32 degrees above the horizon.
    package static let standard = Viewpoint.perspective(azimuth: -120, elevation: 32)
}

/// A camera at a viewpoint, at a distance from which the picture contains the points.
struct Camera {
    /// The projection of a point: pixels from the upper left corner, and the distance in metres.
    struct Place {
        var x: Float
        var y: Float
        var depth: Float
    }

    /// Pixels per metre at distance 1; without perspective at any distance.
    let scale: Float
    let hasPerspective: Bool
    private let target: SIMD3<Float>
    private let right: SIMD3<Float>
    private let up: SIMD3<Float>
    private let towards: SIMD3<Float>
    private let distance: Float
    private let middle: SIMD2<Float>

    /// The tangent of half the field of view along the picture's shorter side.
    private static let halfAngle: Float = 0.36
    /// The share of points at each end of an axis that may lie outside the picture.
    // Scans have outliers far from all other points, which would otherwise shrink the rest.
    private static let outside = 0.025
    private static let margin: Float = 0.94

    init(
        _ viewpoint: Viewpoint, on positions: [SIMD3<Float>], width: Int, height: Int
    ) {
        middle = SIMD2(Float(width), Float(height)) / 2
        switch viewpoint {
        case .top:
            hasPerspective = false
            (right, up, towards) = (SIMD3(1, 0, 0), SIMD3(0, 1, 0), SIMD3(0, 0, 1))
        case .perspective(let azimuth, let elevation):
            hasPerspective = true
            let (a, e) = (azimuth * .pi / 180, elevation * .pi / 180)
            towards = SIMD3(Float(cos(a) * cos(e)), Float(sin(a) * cos(e)), Float(sin(e)))
            right = SIMD3(Float(-sin(a)), Float(cos(a)), 0)
            up = SIMD3(Float(-cos(a) * sin(e)), Float(-sin(a) * sin(e)), Float(cos(e)))
        }
        let axes = (0..<3).map { axis in Self.span(of: positions.map { $0[axis] }) }
        target = SIMD3(axes[0].middle, axes[1].middle, axes[2].middle)
        let (right, up, towards, target) = (right, up, towards, target)
        let seen = positions.map { position in
            let p = position - target
            return SIMD3((p * right).sum(), (p * up).sum(), (p * towards).sum())
        }
        if hasPerspective {
            let wide = Self.halfAngle * max(1, Float(width) / Float(height)) * Self.margin
            let tall = Self.halfAngle * max(1, Float(height) / Float(width)) * Self.margin
            // The distance at which all points but the outliers are visible.
            let needed = seen.map { max(abs($0.x) / wide, abs($0.y) / tall) + $0.z }
            distance = max(Self.span(of: needed).high, 0.1)
            scale = Float(min(width, height)) / 2 / Self.halfAngle
        } else {
            let (x, y) = (axes[0].half, axes[1].half)
            distance = max(Self.span(of: seen.map(\.z)).high * 1.5 + 10, 1)
            scale =
                min(Float(width) / max(2 * x, 0.1), Float(height) / max(2 * y, 0.1)) * Self.margin
        }
    }

    /// The projection of a point; nil if the point is behind or too close to the camera.
    func place(of position: SIMD3<Float>) -> Place? {
        let p = position - target
        let depth = distance - (p * towards).sum()
        guard depth > 0.05 * distance || !hasPerspective else { return nil }
        let size = hasPerspective ? scale / depth : scale
        return Place(
            x: middle.x + (p * right).sum() * size, y: middle.y - (p * up).sum() * size,
            depth: depth)
    }

    private static func span(
        of values: [Float]
    ) -> (middle: Float, half: Float, high: Float) {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return (0, 1, 1) }
        let cut = Int(Double(sorted.count) * outside)
        let (low, high) = (sorted[cut], sorted[sorted.count - 1 - cut])
        return ((low + high) / 2, (high - low) / 2, high)
    }
}
