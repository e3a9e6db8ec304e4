import DenjuInference
import PointClouds
import Testing

@Suite struct ModelInputsTests {
    private func inputs(
        _ features: [Feature], width: Int, reading: [String: Double]? = nil
    ) -> ModelInputs? {
        ModelInputs(
            of: ModelCard(
                grid: 0.1, features: features, classes: [.init("any")], reading: reading),
            width: width)
    }

    @Test("colours and normals have three values, a single other channel what remains")
    func widthsOfChannels() throws {
        let found = try #require(
            inputs(["position", "colour", "height", "spectrum", "colour"], width: 15))
        #expect(found.channels.map(\.name) == ["colour", "spectrum"])
        #expect(found.channels[0].fields == ["colour[0]", "colour[1]", "colour[2]"])
        #expect(found.channels[1].fields.count == 5)
        #expect(try #require(inputs(["intensity"], width: 1)).channels[0].fields == ["intensity"])
    }

    @Test("a scale with several numbers tells the width of its channel")
    func scaleTellsWidth() throws {
        let scale = Feature.Scale(subtract: [0, 0], divide: [1])
        let found = try #require(
            inputs([Feature("echo", scale: scale), "ring", "intensity"], width: 4))
        #expect(found.channels.map(\.fields.count) == [2, 1, 1])
    }

    @Test("widths that do not add up are not guessed")
    func widthsThatDoNotAddUp() {
        #expect(inputs(["position", "intensity"], width: 3) == nil)
        #expect(inputs(["colour"], width: 4) == nil)
        #expect(inputs(["ring", "echo"], width: 5) == nil)
    }

    @Test("options of reading state the full scale, centring and invalid points")
    func optionsOfReading() throws {
        let reading = ["intensity-range": 255.0, "centre": 1, "drop-invalid": 1]
        let found = try #require(inputs(["intensity", "colour"], width: 4, reading: reading))
        #expect(found.centres && found.dropsInvalid)
        #expect(found.channels.map(\.full) == [255, nil])
        let plain = try #require(inputs(["intensity"], width: 1))
        #expect(!plain.centres && !plain.dropsInvalid)
    }
}
