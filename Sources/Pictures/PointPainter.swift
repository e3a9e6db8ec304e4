import Foundation

/// Draws points as discs with a depth buffer and darkened depth edges.
///
/// The shading is eye-dome lighting (Boucheny, "Visualisation scientifique de grands volumes de
/// données", 2009): a pixel is darkened by neighbours that are closer to the viewer. It needs no
/// normals and makes the shape of a scan visible.
package struct PointPainter: Sendable {
    /// The viewpoint.
    package var viewpoint: Viewpoint
    /// The picture's width in pixels.
    package var width: Int
    /// The picture's height in pixels.
    package var height: Int
    /// The colour of pixels without points.
    package var background: Picture.Colour
    /// The diameter of a point in metres; nil for a diameter that closes most gaps.
    package var pointSize: Float?
    /// The strength of the shading; 0 for none.
    package var shading: Float = 1

    /// A painter of pictures of this size.
    package init(
        _ viewpoint: Viewpoint, width: Int, height: Int,
        background: Picture.Colour = Picture.Colour(17, 20, 26), pointSize: Float? = nil
    ) {
        self.viewpoint = viewpoint
        self.width = width
        self.height = height
        self.background = background
        self.pointSize = pointSize
    }

    /// Draws points in their colours; of points at equal distance the first in the list is visible.
    package func paint(
        _ positions: [SIMD3<Float>], colours: [Picture.Colour]
    ) -> Picture {
        precondition(
            positions.count == colours.count,
            "\(positions.count) points and \(colours.count) colours.")
        // Drawing at twice the size and halving smooths the edges of discs.
        let (width, height) = (2 * self.width, 2 * self.height)
        var picture = Picture(width: width, height: height, filledWith: background)
        var depths = [Float](repeating: .infinity, count: width * height)
        let camera = Camera(viewpoint, on: positions, width: width, height: height)
        let diameter = pointSize ?? Self.spacing(of: positions)
        for (position, colour) in zip(positions, colours) {
            guard let place = camera.place(of: position) else { continue }
            let scale = camera.hasPerspective ? camera.scale / place.depth : camera.scale
            let radius = min(max(diameter * scale / 2, 2), 24)
            let rows = Self.pixels(around: place.y, radius, in: height)
            let columns = Self.pixels(around: place.x, radius, in: width)
            for y in rows {
                for x in columns {
                    let (dx, dy) = (Float(x) + 0.5 - place.x, Float(y) + 0.5 - place.y)
                    guard dx * dx + dy * dy <= radius * radius,
                        place.depth < depths[y * width + x]
                    else { continue }
                    depths[y * width + x] = place.depth
                    picture[x, y] = colour
                }
            }
        }
        if shading > 0 { shade(&picture, depths) }
        return picture.halved()
    }

    private static func pixels(around middle: Float, _ radius: Float, in count: Int) -> Range<Int> {
        let low = max(0, min(Float(count), (middle - radius).rounded(.down)))
        let high = max(low, min(Float(count), (middle + radius).rounded(.up)))
        return Int(low)..<Int(high)
    }

    /// The diameter that closes most gaps of a surface seen from above: a point's share of the ground.
    private static func spacing(of positions: [SIMD3<Float>]) -> Float {
        var cells: Set<SIMD2<Int32>> = []
        for position in positions {
            let cell = (SIMD2(position.x, position.y) * 2).rounded(.down)
            // Larger coordinates do not fit into a cell's integers.
            guard abs(cell.x) < 1e9, abs(cell.y) < 1e9 else { continue }
            cells.insert(SIMD2(Int32(cell.x), Int32(cell.y)))
        }
        let area = Float(max(cells.count, 1)) * 0.25
        return max(0.02, min(0.5, 1.5 * (area / Float(max(positions.count, 1))).squareRoot()))
    }

    private func shade(_ picture: inout Picture, _ depths: [Float]) {
        let (width, height) = (picture.width, picture.height)
        // With logarithms the same step has less weight at larger distances.
        let logs = depths.map { $0.isFinite ? log2($0) : .infinity }
        let neighbours = [
            (-3, 0), (3, 0), (0, -3), (0, 3), (-2, -2), (2, -2), (-2, 2), (2, 2),
        ]
        for y in 0..<height {
            for x in 0..<width {
                let own = logs[y * width + x]
                guard own.isFinite else { continue }
                var sum: Float = 0
                for (dx, dy) in neighbours {
                    let (nx, ny) = (x + dx, y + dy)
                    guard nx >= 0, ny >= 0, nx < width, ny < height else { continue }
                    let other = logs[ny * width + nx]
                    if other.isFinite { sum += min(max(0, own - other), 0.2) }
                }
                let light = max(0.35, exp(-8 * shading * sum / Float(neighbours.count)))
                let colour = SIMD3<Float>(picture[x, y]) * light
                picture[x, y] = Picture.Colour(colour.rounded(.toNearestOrEven))
            }
        }
    }
}
