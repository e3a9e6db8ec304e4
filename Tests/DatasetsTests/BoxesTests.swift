import DatasetTesting
import Datasets
import PointClouds
import Testing

@Suite struct BoxesTests {
    static func open(
        _ split: Split = .training, options: [String: Double] = ["spacing": 0.1, "points": 3000]
    ) throws -> any SceneSource {
        let settings = DataSettings(
            source: "boxes", scenes: .init(training: 40, validation: 40), options: options)
        return try SourceCatalogue.open(settings, split: split)
    }

    @Test("boxes fulfil the contract") func boxesFulfilContract() throws {
        #expect(checkSource(try Self.open()) == [])
    }

    /// The bits are equal on every host, in debug and release builds.
    @Test("scenes are unchanged") func scenesAreUnchanged() throws {
        let print = fingerprint(try Self.open().scene(at: 3))
        #expect(print == 1_241_614_878_387_132_577)
    }

    @Test("every square of a surface has points") func everySquareOfSurfaceHasPoints() throws {
        let scene = try Self.open(options: ["spacing": 0.1, "points": 50_000_000]).scene(at: 0)
        var floor: Set<SIMD2<Int32>> = []
        var extent = SIMD2<Int32>()
        for (place, label) in zip(scene.positions, scene.labels) where label == 0 {
            let square = SIMD2(Int32(place.x / 0.2), Int32(place.y / 0.2))
            floor.insert(square)
            extent = SIMD2(max(extent.x, square.x), max(extent.y, square.y))
        }
        // With twelve points expected, a square is empty with a probability of 6e-6.
        #expect(floor.count >= Int(extent.x * extent.y))
    }

    @Test("prepared scenes equal generated ones") func preparedScenesEqualGeneratedOnes() throws {
        let settings = DataSettings(
            source: "boxes", scenes: .init(training: 2),
            options: ["spacing": 0.1, "points": 3000, "ready": 1])
        let ready = try SourceCatalogue.open(settings, split: .training)
        #expect(fingerprint(try ready.scene(at: 1)) == fingerprint(try Self.open().scene(at: 1)))
        #expect(ready.sampleID(of: 1) == (try Self.open()).sampleID(of: 1))
    }

    @Test("the requested number of points is kept") func requestedNumberOfPointsIsKept() throws {
        #expect(try Self.open().scene(at: 1).count == 3000)
    }
}
