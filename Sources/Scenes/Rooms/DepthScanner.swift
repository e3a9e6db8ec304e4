package import PointClouds
package import Tensors

/// A simulated depth camera that views a room from several positions.
///
/// Each view is a pinhole image of 3:2 with a horizontal field of 90 degrees. The range has Gaussian
/// noise of 1.2 mm + 1.9 mm/m² (z - 0.4 m)² (Nguyen, Izadi and Lovell, "Modeling Kinect sensor noise",
/// 3DIMPVT 2012). Returns of grazing, glass and distant surfaces are lost. Each view has an offset of a
/// few millimetres, as after a registration, and its own exposure.
// The sample ids of `rooms` hash the description of this type: renaming the type or a property would
// change them, and with them the knowledge packs that they key.
package struct DepthScanner: Sendable, Equatable {
    /// Number of views.
    var views: Int
    /// Number of points across a view; a view has two thirds as many rows.
    var columns: Int
    /// Largest range in metres.
    var range: Float

    /// Creates a camera that takes a number of views.
    package init(views: Int, columns: Int, range: Float) {
        self.views = views
        self.columns = columns
        self.range = range
    }

    /// Scans a room from positions above its free floor; points are relative to the middle of the
    /// floor.
    package func scan(_ room: RoomBuilder, random: inout CounterGenerator) -> Cloud {
        var cloud = Cloud(positions: [], channels: [.init(name: "colour", width: 3, values: [])])
        let light = SIMD3<Float>(
            random.uniform(in: -0.5...0.5), random.uniform(in: -0.5...0.5), 0.75)
        for view in 0..<views {
            let camera = pose(of: view, in: room, random: &random)
            addView(from: camera, at: room.scenery, lit: light, into: &cloud, random: &random)
        }
        return cloud
    }

    /// Draws a pose at eye height that faces the middle of the room, tilted a little up or down.
    ///
    /// The pose's x is the viewing direction and its y points to the left of the image.
    private func pose(
        of view: Int, in room: RoomBuilder, random: inout CounterGenerator
    ) -> Pose {
        let spot = room.standpoint(random: &random) ?? .zero
        let height = random.uniform(in: 1.1...min(1.9, room.plan.size.z - 0.5))
        let aim = SIMD2(
            random.uniform(in: -0.2...0.2) * room.plan.size.x,
            random.uniform(in: -0.2...0.2) * room.plan.size.y)
        let heading = aim - spot
        let away = max((heading.x * heading.x + heading.y * heading.y).squareRoot(), 1e-3)
        var camera = Pose(at: room.room(SIMD3(spot.x, spot.y, height)))
        camera.x = room.room.x * (heading.x / away) + room.room.y * (heading.y / away)
        camera.y = SIMD3(-camera.x.y, camera.x.x, 0)
        return camera.tipped(view % 3 == 2 ? -0.05 : random.uniform(in: 0.03...0.1))
    }

    /// Adds the points of one view.
    private func addView(
        from camera: Pose, at scenery: Scenery, lit light: SIMD3<Float>, into cloud: inout Cloud,
        random: inout CounterGenerator
    ) {
        let exposure = random.uniform(in: 0.85...1.1)
        let shift = SIMD3(random.normal(), random.normal(), random.normal()) * 0.003
        let tree = BoundingTree(scenery, seenFrom: camera.origin)
        let salt = UInt32(truncatingIfNeeded: random.next())
        let rows = columns * 2 / 3
        for pixel in 0..<rows * columns {
            let across = 1 - (Float(pixel % columns) + 0.5) * 2 / Float(columns)
            let down = (Float(pixel / columns) + 0.5 - Float(rows) / 2) * 2 / Float(columns)
            let way = camera.x + camera.y * across - camera.z * down
            let length = dot(way, way).squareRoot()
            let ray = Ray(from: camera.origin, along: way / length)
            let number = salt &+ UInt32(pixel) &* 0x9E37_79B1
            guard let hit = tree.firstHit(ray, limit: range, salt: number) else { continue }
            let material = scenery.materials[hit.material]
            let depth = hit.distance / length
            let far = hit.distance / range
            let lost =
                0.004 + material.loss + max(0.12 - hit.incidence, 0) * 5 + 0.1 * far * far
            // A depth camera measures nothing nearer than a minimum distance.
            if depth < 0.3 || random.uniform() < lost { continue }
            let deviation = 0.0012 + 0.0019 * (depth - 0.4) * (depth - 0.4)
            let measured = hit.distance + deviation * random.normal()
            cloud.positions.append(ray.point(at: measured) + shift)
            cloud.labels.append(material.label)
            let shade = (0.68 + 0.32 * max(dot(hit.normal, light), 0)) * exposure
            let grain = 1 + material.grain * (2 * random.uniform() - 1)
            for axis in 0..<3 {
                let noise = 0.012 * (2 * random.uniform() - 1)
                let value = material.colour[axis] * shade * grain + noise
                cloud.channels[0].values.append(min(max(value, 0), 1))
            }
        }
    }
}
