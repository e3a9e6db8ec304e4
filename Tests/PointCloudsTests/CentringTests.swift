import PointClouds
import Testing

@Suite struct CentringTests {
    /// A survey's coordinates keep their millimetres.
    @Test func surveyedCoordinatesKeepTheirDecimals() {
        let points = (0..<200).map { index in
            SIMD3(652_000.125 + Double(index) / 8, 6_861_000.25 - Double(index) / 4, 100.001)
        }
        let cloud = Cloud(coordinates: points)
        #expect(cloud.origin.x == cloud.origin.x.rounded())
        let worst = zip(cloud.positions, points).map { position, point in
            let error = SIMD3<Double>(position) + cloud.origin - point
            return (error * error).sum().squareRoot()
        }.max()
        #expect((worst ?? 1) < 1e-5)
        #expect(cloud.positions.allSatisfy { abs($0.x) <= 26 && abs($0.y) <= 26 })
    }

    @Test func recentringMovesOnlyTheZero() {
        let points = (0..<300).map { SIMD3<Float>(Float($0), 100, -Float($0 % 10)) }
        let cloud = Cloud(positions: points, origin: SIMD3(1000, 2000, 0))
        let moved = cloud.recentred()
        #expect(moved.origin == SIMD3(1150, 2100, -9))
        for (old, new) in zip(cloud.positions, moved.positions) {
            #expect(
                SIMD3<Double>(old) + cloud.origin == SIMD3<Double>(new) + moved.origin)
        }
        #expect(Cloud(positions: []).recentred().origin == .zero)
    }
}
