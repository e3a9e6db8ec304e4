package import PointClouds
package import Tensors

/// A simulated spinning lidar with beams at fixed elevations.
///
/// Beams are about twice as dense near the horizon as at the edges of the field of view, as in
/// automotive sensors. The range has Gaussian noise that grows with the range. The intensity depends on
/// material, incidence and range. Returns of glass, of dark and grazing surfaces and of distant ones
/// are lost. Points of beams that are split at edges or hit dust have no class.
// The sample ids of `streets` hash the description of this type: renaming the type or a property would
// change them, and with them the knowledge packs that they key.
package struct SpinningLidar: Sendable, Equatable {
    /// Number of beams.
    var beams: Int
    /// Number of directions per turn.
    var azimuthSteps: Int
    /// Largest range in metres.
    package var range: Float
    /// Elevation of the highest beam in degrees.
    var top: Float
    /// Elevation of the lowest beam in degrees.
    var bottom: Float

    /// Creates a sensor with a number of beams and directions.
    package init(beams: Int, azimuthSteps: Int, range: Float, top: Float, bottom: Float) {
        self.beams = beams
        self.azimuthSteps = azimuthSteps
        self.range = range
        self.top = top
        self.bottom = bottom
    }

    /// Height above the ground in metres, that of the sensor of KITTI.
    static let height: Float = 1.73

    /// Elevations of the beams in turns, from the top.
    var elevations: [Float] {
        let horizon = min(max(-3, bottom), top)
        return (0..<beams).map { beam in
            let u = 1 - 2 * Float(beam) / Float(max(beams - 1, 1))
            let bent = u * (0.45 + 0.55 * u * u)
            return (horizon + bent * (u > 0 ? top - horizon : horizon - bottom)) / 360
        }
    }

    /// Scans scenery and ground from a point; positions are relative to it and ordered by beam.
    ///
    /// - Parameter random: generator of the noise.
    package func scan(
        _ scenery: Scenery, ground: StreetGround, from origin: SIMD3<Float>,
        random: inout CounterGenerator
    ) -> Cloud {
        let tree = BoundingTree(scenery, seenFrom: origin)
        let directions = (0..<azimuthSteps).map { circle(Float($0) / Float(azimuthSteps)) }
        // A salt per scan: foliage must not stop the same beams in every scene.
        let salt = UInt32(truncatingIfNeeded: random.next())
        var cloud = Cloud(positions: [], channels: [.init(name: "intensity", values: [])])
        var intensities: [Float] = []
        for (beam, elevation) in elevations.enumerated() {
            let (level, rise) = circle(elevation)
            for (step, azimuth) in directions.enumerated() {
                let along = SIMD3(level * azimuth.cosine, level * azimuth.sine, rise)
                let ray = Ray(from: origin, along: along)
                let number = UInt32(beam * azimuthSteps + step) &* 0x85eb_ca77 &+ salt
                var hit = tree.firstHit(ray, limit: range, salt: number)
                if let distance = ground.firstHit(ray, limit: hit?.distance ?? range) {
                    hit = ground.hit(ray, at: distance)
                }
                guard let hit,
                    let seen = measure(hit, scenery.materials[hit.material], &random)
                else { continue }
                cloud.positions.append(along * seen.range)
                intensities.append(seen.intensity)
                cloud.labels.append(seen.label)
            }
        }
        cloud.channels[0].values = intensities
        return cloud
    }

    /// Simulates the measurement of a hit; returns nil if the return is lost.
    private func measure(
        _ hit: BoundingTree.Hit, _ material: Material, _ random: inout CounterGenerator
    ) -> (range: Float, intensity: Float, label: Int32)? {
        let far = hit.distance / range
        let grain = 1 + material.grain * (2 * random.uniform() - 1)
        let strength = material.reflectance * grain * (0.5 + 0.5 * hit.incidence.squareRoot())
        let lost =
            0.008 + material.loss + far * far * max(0.45 - strength, 0)
            + max(0.09 - hit.incidence, 0) * 4
        if random.uniform() < lost { return nil }
        let deviation = 0.012 + 0.0002 * hit.distance
        var measured = hit.distance + deviation * random.normal()
        var label = material.label
        if random.uniform() < 0.0015 {
            // A return from dust, or from a nearer edge that splits the beam.
            measured *= 0.35 + 0.65 * random.uniform()
            label = Cloud.ignored
        }
        let falloff = 1 / (1 + 0.6 * far * far)
        let noise = 0.015 * (2 * random.uniform() - 1)
        let intensity = min(max(strength * falloff + noise, 0), 1)
        return (max(measured, 0.5), intensity, label)
    }
}
