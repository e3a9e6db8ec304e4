import DatasetTesting
import Datasets
import PointClouds
import Testing

/// The choice of labelled training scans and the use of the others.
@Suite struct FewLabelsTests {
    /// Scenes of three points; class 0 occurs in all, 1 in every fourth, 2 in one, 3 in none.
    private struct Scenes: SceneSource {
        let name = "scenes"
        let classes = ["a", "b", "c", "d"]
        let channels = [ChannelSpecification("intensity")]
        var count = 40
        /// A number of places by which scenes are shifted.
        var moved = 0

        func name(of index: Int) -> String { "scene \((index + moved) % 40)" }

        func scene(at index: Int) throws -> Cloud {
            let place = (index + moved) % 40
            return Cloud(
                positions: [.zero, .one, SIMD3(Float(place), 2, 2)],
                channels: [.init(name: "intensity", values: [0, 0.5, 1])],
                labels: [0, place % 4 == 0 ? 1 : -1, place == 17 ? 2 : -1])
        }

        var present: [Set<Int32>] {
            get throws { try (0..<count).map { Set(try scene(at: $0).labels.filter { $0 >= 0 }) } }
        }
    }

    private func chosen(
        _ choice: LabelledSettings.Choice, seed: UInt64 = 0, of scenes: Scenes = Scenes()
    ) throws -> [Int] {
        try LabelledSettings(choice, seed: seed).places(in: scenes) { try scenes.present }
    }

    @Test("larger choices include smaller ones") func largerChoicesIncludeSmallerOnes() throws {
        let choices: [LabelledSettings.Choice] = [
            .percent(1), .percent(5), .percent(10), .scans(12), .percent(50), .percent(100),
        ]
        let places = try choices.map { Set(try chosen($0)) }
        #expect(places.map(\.count) == [1, 2, 4, 12, 20, 40])
        for (small, large) in zip(places, places.dropFirst()) { #expect(small.isSubset(of: large)) }
        let perClass = try (1...12).map { Set(try chosen(.scansPerClass($0))) }
        for (small, large) in zip(perClass, perClass.dropFirst()) {
            #expect(small.isSubset(of: large))
        }
    }

    @Test("the draw depends only on seed and scans") func drawDependsOnlyOnSeedAndScans() throws {
        let drawn = try chosen(.scans(8))
        #expect(drawn == drawn.sorted() && Set(drawn).count == 8)
        #expect(try chosen(.scans(8)) == drawn)
        #expect(try chosen(.scans(8), seed: 1) != drawn)
        // The choice does not depend on the places of the scans.
        let moved = Scenes(moved: 11)
        let scenes = Scenes()
        #expect(
            Set(try chosen(.scans(8), of: moved).map(moved.name(of:)))
                == Set(drawn.map(scenes.name(of:))))
    }

    @Test("every class occurs in the requested number of scans")
    func everyClassOccursInRequestedNumberOfScans() throws {
        let scenes = Scenes()
        let present = try scenes.present
        for wanted in 1...12 {
            let places = try chosen(.scansPerClass(wanted))
            func count(_ label: Int32, in places: [Int]) -> Int {
                places.count { present[$0].contains(label) }
            }
            for label in Int32(0)..<4 {
                let all = count(label, in: Array(present.indices))
                #expect(count(label, in: places) >= min(wanted, all), "class \(label)")
            }
            #expect(places.count <= 3 * wanted, "none is taken for nothing")
        }
    }

    @Test("other scans lose only their labels") func otherScansLoseOnlyTheirLabels() throws {
        let scenes = Scenes()
        let few = FewLabels(scenes, labelled: [3, 8], dropsOthers: false)
        #expect(checkSource(few) == [])
        #expect(few.count == 40 && few.labelledNames == ["scene 3", "scene 8"])
        for place in 0..<few.count {
            let (scene, own) = (try few.scene(at: place), try scenes.scene(at: place))
            #expect(few.sampleID(of: place) == scenes.sampleID(of: place))
            #expect(scene.positions == own.positions && scene.channels == own.channels)
            #expect(scene.labels == ([3, 8].contains(place) ? own.labels : [-1, -1, -1]))
        }
    }

    @Test("other scans can be left out") func otherScansCanBeLeftOut() throws {
        let scenes = Scenes()
        let few = FewLabels(scenes, labelled: [8, 3, 30], dropsOthers: true)
        #expect(checkSource(few) == [])
        #expect((0..<few.count).map(few.name(of:)) == ["scene 3", "scene 8", "scene 30"])
        #expect(few.sampleID(of: 1) == scenes.sampleID(of: 8))
        #expect(try few.scene(at: 1).labels == scenes.scene(at: 8).labels)
    }

    @Test("scans can be chosen by name") func scansCanBeChosenByName() throws {
        #expect(try chosen(.names(["scene 9", "scene 2", "scene 9"])) == [2, 9])
        #expect(
            sentence { _ = try chosen(.names(["scene 99"])) }
                == "data.labelled.names has 'scene 99', but no training scan is called so: they are "
                + "called scene 0, and so on.")
    }

    @Test("choices that the data lack are rejected") func choicesThatDataLackAreRejected() throws {
        #expect(
            sentence { _ = try chosen(.scans(41)) }
                == "data.labelled.scans is 41, but there are 40 training scans: give a number from 1 "
                + "to 40.")
        #expect(
            sentence {
                _ = try LabelledSettings(.scansPerClass(1)).places(in: Scenes()) {
                    [Set<Int32>](repeating: [], count: 40)
                }
            }.hasPrefix("data.labelled asks for scans of each class, but no training scan has"))
    }
}
