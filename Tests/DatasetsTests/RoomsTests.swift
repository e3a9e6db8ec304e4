import DatasetTesting
import Datasets
import PointClouds
import Testing
import ZipArchives

@Suite struct RoomsTests {
    static func open(
        _ split: Split = .training, seed: UInt64 = 0, options: [String: Double] = [:]
    ) throws -> any SceneSource {
        let small = ["views": 4.0, "columns": 30].merging(options) { $1 }
        let settings = DataSettings(
            source: "rooms", scenes: .init(training: 40, validation: 40), seed: seed,
            options: small)
        return try SourceCatalogue.open(settings, split: split)
    }

    @Test("rooms fulfil the contract") func roomsFulfilContract() throws {
        #expect(checkSource(try Self.open()) == [])
        #expect(checkSource(try Self.open(.test), scenes: 1) == [])
    }

    /// The bits are equal on every host, in debug and release builds.
    @Test("scenes are unchanged") func scenesAreUnchanged() throws {
        let source = try Self.open()
        let prints = try [0, 7].map { fingerprint(try source.scene(at: $0)) }
        #expect(prints == [4556206978031369783, 10295354069317426890])
    }

    @Test("splits and seeds give different scenes")
    func splitsAndSeedsGiveDifferentScenes() throws {
        let sources = [
            try Self.open(), try Self.open(.validation), try Self.open(.test),
            try Self.open(seed: 1),
        ]
        #expect(Set(try sources.map { fingerprint(try $0.scene(at: 0)) }).count == 4)
        #expect(Set(sources.map { $0.sampleID(of: 0) }).count == 4)
    }

    @Test("rooms show many classes in uneven shares")
    func roomsShowManyClassesInUnevenShares() throws {
        let summary = try SourceSummary(of: try Self.open(), first: 12)
        #expect(summary.scenesOfClass.count { $0 > 0 } >= 15)
        for wide in 0..<3 { #expect(summary.pointsOfClass[wide] > summary.points / 20) }
        #expect(summary.points > 12 * 4 * 30 * 20 / 2)
        #expect(summary.points <= 12 * 4 * 30 * 20)
        #expect(summary.lower.z > -0.3 && summary.upper.z < 3.5)
        #expect(summary.upper.x < 9 && summary.lower.y > -9)
    }

    @Test("errors name options out of range") func errorsNameOptionsOutOfRange() {
        #expect(throws: SourceError.self) { try Self.open(options: ["columns": 5000]) }
        #expect(throws: SourceError.self) { try Self.open(options: ["beams": 32]) }
    }
}
