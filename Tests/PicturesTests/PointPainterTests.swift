import Pictures
import Testing

@Suite struct PointPainterTests {
    private let red = Picture.Colour(250, 0, 0)
    private let green = Picture.Colour(0, 250, 0)
    private let black = Picture.Colour(0, 0, 0)

    /// A square of points, 20 m wide, at a height.
    private func sheet(at height: Float) -> [SIMD3<Float>] {
        var points: [SIMD3<Float>] = []
        for y in 0..<41 {
            for x in 0..<41 {
                points.append(SIMD3(Float(x) * 0.5 - 10, Float(y) * 0.5 - 10, height))
            }
        }
        return points
    }

    private func painter(_ viewpoint: Viewpoint) -> PointPainter {
        var painter = PointPainter(viewpoint, width: 60, height: 60, background: black)
        painter.pointSize = 0.8
        return painter
    }

    @Test(arguments: [false, true])
    func higherPointsHideLowerPoints(lowerFirst: Bool) {
        let sheets = [(sheet(at: 0), red), (sheet(at: 2), green)]
        let order = lowerFirst ? sheets : sheets.reversed()
        let picture = painter(.top).paint(
            order.flatMap(\.0), colours: order.flatMap { Array(repeating: $1, count: $0.count) })
        #expect(picture[30, 30] == green)
    }

    @Test func northIsUpAndEastIsRight() {
        var points = sheet(at: 0)
        points.append(SIMD3(5, 5, 1))
        let colours = Array(repeating: green, count: points.count - 1) + [red]
        let picture = painter(.top).paint(points, colours: colours)
        var place: (x: Int, y: Int)?
        for y in 0..<60 { for x in 0..<60 where picture[x, y] == red { place = (x, y) } }
        #expect(place.map { $0.x > 35 && $0.y < 25 } == true)
    }

    @Test func perspectiveShowsTheNearSideLarger() {
        let picture = painter(.perspective(azimuth: -90, elevation: 30)).paint(
            sheet(at: 0), colours: Array(repeating: green, count: 41 * 41))
        func width(_ y: Int) -> Int { (0..<60).count { picture[$0, y].y > 60 } }
        let rows = (0..<60).filter { width($0) > 0 }
        #expect(rows.count > 10)
        // Seen from the south, the southern edge is the lower one.
        #expect(width(rows[rows.count - 3]) > width(rows[2]) + 4)
    }

    @Test func pointsFarFromAllOthersDoNotShrinkTheRest() {
        let plain = painter(.top).paint(
            sheet(at: 0), colours: Array(repeating: green, count: 41 * 41))
        let points = sheet(at: 0) + [SIMD3(900, 900, 40)]
        let picture = painter(.top).paint(
            points, colours: Array(repeating: green, count: points.count))
        func covered(_ picture: Picture) -> Int {
            (0..<3600).count { picture[$0 % 60, $0 / 60].y > 60 }
        }
        #expect(covered(picture) > covered(plain) * 9 / 10)
        #expect(covered(plain) > 2000)
    }

    @Test func emptyCloudIsBackground() {
        #expect(
            painter(.standard).paint([], colours: [])
                == Picture(width: 60, height: 60, filledWith: black))
    }
}
