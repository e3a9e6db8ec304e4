import Tensors

/// Position and orientation of a model in the world.
///
/// Models use their own axes in metres: x forward, y to the left, z up.
package struct Pose: Sendable {
    package var origin: SIMD3<Float>
    package var x = SIMD3<Float>(1, 0, 0)
    package var y = SIMD3<Float>(0, 1, 0)
    package var z = SIMD3<Float>(0, 0, 1)

    package init(at origin: SIMD3<Float> = .zero) { self.origin = origin }

    /// Creates an upright pose that faces a horizontal direction, which need not have length 1.
    init(at origin: SIMD3<Float>, facing direction: SIMD2<Float>) {
        self.origin = origin
        let length = (direction.x * direction.x + direction.y * direction.y).squareRoot()
        x = SIMD3(direction.x / length, direction.y / length, 0)
        y = SIMD3(-x.y, x.x, 0)
    }

    /// Converts a point of the model to world coordinates.
    package func callAsFunction(_ local: SIMD3<Float>) -> SIMD3<Float> {
        origin + x * local.x + y * local.y + z * local.z
    }

    /// Moves the origin to a point of the model and keeps the orientation.
    func moved(_ local: SIMD3<Float>) -> Pose {
        var pose = self
        pose.origin = self(local)
        return pose
    }

    /// Rotates about the z axis from x towards y; 1 turn is 360 degrees.
    package func turned(_ turns: Float) -> Pose {
        let (cosine, sine) = circle(turns)
        var pose = self
        pose.x = x * cosine + y * sine
        pose.y = y * cosine - x * sine
        return pose
    }

    /// Rotates about the y axis from z towards x.
    package func tipped(_ turns: Float) -> Pose {
        let (cosine, sine) = circle(turns)
        var pose = self
        pose.z = z * cosine + x * sine
        pose.x = x * cosine - z * sine
        return pose
    }
}

/// Computes cosine and sine of an angle in turns, with the same bits on every host.
// The system's functions differ between C libraries, and scenes must not.
func circle(_ turns: Float) -> (cosine: Float, sine: Float) {
    (Float(cosine(turns: Double(turns))), Float(sine(turns: Double(turns))))
}

/// Scalar product with a fixed order of summation, for the same bits on every host.
@inline(__always)
func dot(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> Float { a.x * b.x + a.y * b.y + a.z * b.z }
