import Tensors

/// A place and an orientation: where a model's own axes lie in the world.
///
/// Models are written in their own axes: x ahead, y to the left, z up, metres.
package struct Pose: Sendable {
    package var origin: SIMD3<Float>
    package var x = SIMD3<Float>(1, 0, 0)
    package var y = SIMD3<Float>(0, 1, 0)
    package var z = SIMD3<Float>(0, 0, 1)

    package init(at origin: SIMD3<Float> = .zero) { self.origin = origin }

    /// Upright, looking along a horizontal direction of any length but none.
    init(at origin: SIMD3<Float>, facing direction: SIMD2<Float>) {
        self.origin = origin
        let length = (direction.x * direction.x + direction.y * direction.y).squareRoot()
        x = SIMD3(direction.x / length, direction.y / length, 0)
        y = SIMD3(-x.y, x.x, 0)
    }

    /// A point of the model, in the world.
    package func callAsFunction(_ local: SIMD3<Float>) -> SIMD3<Float> {
        origin + x * local.x + y * local.y + z * local.z
    }

    /// The same orientation at a point of the model.
    func moved(_ local: SIMD3<Float>) -> Pose {
        var pose = self
        pose.origin = self(local)
        return pose
    }

    /// Turned about its own z axis, towards y; 1 turn = 360 degrees.
    package func turned(_ turns: Float) -> Pose {
        let (cosine, sine) = circle(turns)
        var pose = self
        pose.x = x * cosine + y * sine
        pose.y = y * cosine - x * sine
        return pose
    }

    /// Tipped about its own y axis: z leans towards x.
    package func tipped(_ turns: Float) -> Pose {
        let (cosine, sine) = circle(turns)
        var pose = self
        pose.z = z * cosine + x * sine
        pose.x = x * cosine - z * sine
        return pose
    }
}

/// The point of the unit circle at an angle in turns; the same bits on every host.
func circle(_ turns: Float) -> (cosine: Float, sine: Float) {
    (Float(cosine(turns: Double(turns))), Float(sine(turns: Double(turns))))
}

/// The scalar product, summed in this order everywhere.
@inline(__always)
func dot(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> Float { a.x * b.x + a.y * b.y + a.z * b.z }
