import DatasetTesting
import Datasets
import PointClouds
import Tensors
import Testing
import ZipArchives

/// A hash of all bits of a cloud.
func fingerprint(_ cloud: Cloud) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func add(_ word: UInt32) {
        hash ^= UInt64(word)
        hash &*= 0x100_0000_01b3
    }
    for position in cloud.positions { for axis in 0..<3 { add(position[axis].bitPattern) } }
    for channel in cloud.channels { for value in channel.values { add(value.bitPattern) } }
    for label in cloud.labels { add(UInt32(bitPattern: label)) }
    return hash
}

@Suite struct StreetsTests {
    static func open(
        _ split: Split = .training, seed: UInt64 = 0, options: [String: Double] = [:]
    ) throws -> any SceneSource {
        let small = ["beams": 24.0, "azimuth-steps": 128].merging(options) { $1 }
        let settings = DataSettings(
            source: "streets", scenes: .init(training: 40, validation: 40), seed: seed,
            options: small)
        return try SourceCatalogue.open(settings, split: split)
    }

    @Test("streets fulfil the contract") func streetsFulfilContract() throws {
        #expect(checkSource(try Self.open()) == [])
        #expect(checkSource(try Self.open(.validation), scenes: 1) == [])
    }

    /// The bits are equal on every host, in debug and release builds.
    @Test("scenes are unchanged") func scenesAreUnchanged() throws {
        let source = try Self.open()
        let prints = try [0, 7].map { fingerprint(try source.scene(at: $0)) }
        #expect(prints == [16195076145789051578, 649935855891633007])
    }

    @Test("splits and seeds give different scenes")
    func splitsAndSeedsGiveDifferentScenes() throws {
        let sources = [
            try Self.open(), try Self.open(.validation), try Self.open(.test),
            try Self.open(seed: 1),
        ]
        #expect(Set(try sources.map { fingerprint(try $0.scene(at: 0)) }).count == 4)
        #expect(Set(sources.map { $0.sampleID(of: 0) }).count == 4)
        #expect(sources[0].name(of: 12) == "0/training/000012")
        let finer = try Self.open(options: ["beams": 25])
        #expect(finer.sampleID(of: 0) != sources[0].sampleID(of: 0), "other points, other sample")
    }

    @Test("streets show many classes in uneven shares")
    func streetsShowManyClassesInUnevenShares() throws {
        let summary = try SourceSummary(of: try Self.open(), first: 10)
        #expect(summary.scenesOfClass.count { $0 > 0 } >= 15)
        #expect(summary.pointsOfClass[0] > summary.points / 20, "road")
        let shares = summary.pointsOfClass.sorted()
        #expect(shares[shares.count - 1] > 40 * max(shares[1], 1), "as uneven as streets are")
        #expect(summary.points > 10 * 24 * 128 / 3)
        #expect(summary.points < 10 * 24 * 128)
        #expect(summary.upper.x < 62 && summary.lower.y > -62 && summary.lower.z > -8)
        #expect(Double(summary.ignored) < 0.01 * Double(summary.points))
    }

    /// Each ray returns at most once, so no two points have the same direction.
    @Test("hidden surfaces have no points") func hiddenSurfacesHaveNoPoints() throws {
        let cloud = try Self.open().scene(at: 3)
        let steps = 128
        var seen: Set<Int> = []
        for position in cloud.positions {
            let level = (position.x * position.x + position.y * position.y).squareRoot()
            // The azimuth in steps, by a search over the tangents of the quarter circle.
            let azimuth = (0..<steps).min { one, other in
                func miss(_ step: Int) -> Double {
                    let turns = Double(step) / Double(steps)
                    return
                        -(Double(position.x) * cosine(turns: turns)
                        + Double(position.y) * sine(turns: turns))
                }
                return miss(one) < miss(other)
            }
            let elevation = Int((position.z / level * 1e4).rounded())
            #expect(seen.insert((azimuth ?? 0) * 100_000 + elevation).inserted)
        }
    }

    @Test("errors name options out of range") func errorsNameOptionsOutOfRange() {
        func sentence(_ options: [String: Double]) -> String {
            do {
                _ = try Self.open(options: options)
                return "nothing was thrown"
            } catch { return "\(error)" }
        }
        #expect(
            sentence(["beams": 1.5])
                == "The option 'beams' of the source 'streets' is 1.5: "
                + "give a whole number from 2 to 256.")
        #expect(
            sentence(["range": 1000])
                == "The option 'range' of the source 'streets' is 1000.0: "
                + "give a number from 10.0 to 120.0.")
        #expect(
            sentence(["beam": 3])
                == "The source 'streets' has no option 'beam': did you mean 'beams'?")
        #expect(
            sentence(["wavelength": 3])
                == "The source 'streets' has no option 'wavelength'; "
                + "it has azimuth-steps, beams, bottom, range, top.")
        #expect(throws: SourceError.self) {
            try SourceCatalogue.open(
                DataSettings(source: "streets", path: "/data"), split: .training)
        }
        #expect(throws: SourceError.self) {
            try SourceCatalogue.open(
                DataSettings(source: "streets", scenes: .init(training: 0)), split: .training)
        }
    }
}
