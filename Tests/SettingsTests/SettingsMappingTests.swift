import Settings
import Spelling
import Testing

@Suite struct SettingsMappingTests {
    private func mapping(_ yaml: String) throws -> SettingsMapping {
        try SettingsNode(yaml: yaml, file: "r.yaml").mapping()
    }

    private func message(_ body: () throws -> Void) -> String? {
        #expect(throws: SettingsError.self, performing: body)?.description
    }

    @Test func readsValuesWithDefaults() throws {
        let settings = try mapping("rate: 0.5\nsteps: 3\nfast: true\nname: null")
        #expect(try settings.number("rate", default: 1, in: 0...1) == 0.5)
        #expect(try settings.integer("steps", default: 1, in: 1...9) == 3)
        #expect(try settings.integer("batch", default: 4, in: 1...9) == 4)
        #expect(try settings.flag("fast", default: false))
        #expect(settings["name"] == nil)
        try settings.finish()
    }

    @Test func refusalNamesFileLinePathAndBounds() throws {
        let optimiser = try #require(
            try mapping("seed: 1\noptimiser:\n  rate: 20")["optimiser"]
        ).mapping()
        #expect(
            message { _ = try optimiser.number("rate", default: 1, in: 0...10) }
                == "r.yaml, line 3: optimiser.rate is 20: give a number from 0.0 to 10.0.")
        #expect(
            message { _ = try optimiser.integer("rate", default: 1, in: 30...Int.max) }
                == "r.yaml, line 3: optimiser.rate is 20: give a whole number from 30 up.")
    }

    @Test func listEntriesHaveTheirPlaceInThePath() throws {
        let list = try #require(try mapping("values:\n  - 1\n  - two")["values"]).list()
        #expect(
            message { _ = try list[1].integer(in: 0...9) }
                == "r.yaml, line 3: values[1] must be a whole number.")
    }

    @Test func misspeltKeyIsRefusedWithTheNearestOne() throws {
        let settings = try mapping("# a comment\ngrdi: 0.1")
        _ = settings["grid"]
        _ = settings["points"]
        #expect(
            message { try settings.finish() }
                == "r.yaml, line 2: the recipe has no setting 'grdi': did you mean 'grid'?")
    }

    @Test func unknownKeyUnlikeAllOthersIsRefusedWithTheList() throws {
        let settings = try mapping("wombat: 1")
        _ = settings["points"]
        _ = settings["grid"]
        #expect(
            message { try settings.finish() }
                == "r.yaml, line 1: the recipe has no setting 'wombat'; it has grid, points.")
    }

    @Test(arguments: ["blockRate", "block_rate"])
    func oldSpellingIsAcceptedWithANote(key: String) throws {
        let section = try #require(try mapping("optimiser:\n  \(key): 2")["optimiser"])
        let settings = try section.mapping()
        #expect(try settings.number("block-rate", default: 1, in: 0...9) == 2)
        try settings.finish()
        #expect(
            section.notes.all == [
                "r.yaml, line 2: optimiser.\(key) is an old spelling: write optimiser.block-rate."
            ])
    }

    @Test func currentSpellingIsNotNoted() throws {
        let settings = try mapping("block-rate: 2\nenc_depths: [1]")
        _ = settings["block-rate"]
        _ = settings["enc_depths"]
        try settings.finish()
        #expect(settings.here.notes.all.isEmpty)
    }

    @Test func keysMustNotOccurTwice() {
        #expect(
            message { _ = try mapping("grid: 1\npoints: 2\ngrid: 3") }
                == "r.yaml, line 3: 'grid' occurs twice: remove one.")
    }

    // MARK: - Codable sections

    private struct Section: Decodable {
        struct Inner: Decodable { let width: Int }
        let inner: Inner

        enum CodingKeys: CodingKey { case inner }

        init(from decoder: any Decoder) throws {
            try refuseUnknownKeys(in: decoder, known: ["inner"], section: "The section")
            inner = try decoder.container(keyedBy: CodingKeys.self).decode(
                Inner.self, forKey: .inner)
        }
    }

    private func decode(_ yaml: String) throws {
        _ = try #require(try mapping(yaml)["data"]).decode(Section.self)
    }

    @Test func decodedSectionIsRefusedAtTheLineOfItsValue() {
        #expect(
            message { try decode("data:\n  inner:\n    width: wide") }
                == "r.yaml, line 3: data: 'inner.width': a whole number is expected.")
    }

    @Test func decodedSectionRefusesMisspeltKeysInTheSameWords() {
        #expect(
            message { try decode("data:\n  inner: {width: 1}\n  iner: {width: 1}") }
                == "r.yaml, line 3: data has no setting 'iner': did you mean 'inner'?")
    }
}
