import Testing

@testable import Interchange

@Suite struct StoredSettingTests {
    @Test("a checkpoint's constructor arguments are read")
    func constructorArgumentsAreRead() throws {
        let file = try PyTorchFile(Fixture.path("configured.pth"))
        let settings = try #require(file.settings)
        #expect(settings["in_channels"] == .integer(4))
        #expect(settings["order"] == .list([.string("z"), .string("hilbert")]))
        #expect(settings["enc_num_head"] == .list([.integer(2), .integer(4)]))
        #expect(settings["drop_path"] == .real(0.25))
        #expect(settings["pre_norm"] == .boolean(true))
        #expect(settings["qk_scale"] == nil)
        let plain = try PyTorchFile(Fixture.path("plain.pth"))
        #expect(file.entries == plain.entries)
        #expect(plain.settings == nil)
        #expect(try PyTorchFile(Fixture.path("distributed.pth")).settings == nil)
    }

    /// A pickle of `config` with these entries; lists are those of the contents.
    private func settings(
        _ entries: [(key: String, value: PickleValue)], lists: [[PickleValue]] = []
    ) -> [String: StoredSetting]? {
        var contents = PickleContents()
        contents.lists = lists
        contents.dictionaries = [[("config", .dictionary(1))], entries]
        return contents.settings(of: 0)
    }

    @Test("values that no network has are represented by their kind")
    func otherValuesAreNamed() {
        let long = [PickleValue](repeating: .integer(1), count: 65)
        let found = settings(
            [
                ("enc_channels", .list(0)), ("order", .dictionary(0)), ("stride", .list(1)),
                ("mlp_ratio", .integer(2)), ("mlp_ratio", .integer(4)), ("qk_scale", .none),
            ], lists: [long, [.list(1)]])
        #expect(
            found == [
                "enc_channels": .string("a list"), "order": .string("a dictionary"),
                "stride": .string("a list"), "mlp_ratio": .integer(4),
            ])
    }

    @Test("the configuration of a whole run is not a network's")
    func configurationOfRunIsLeftAlone() {
        #expect(settings([("model", .dictionary(0)), ("epochs", .integer(8))]) == nil)
        let many = (0..<256).map { (key: "\($0)", value: PickleValue.integer($0)) }
        #expect(settings([("enc_channels", .integer(1))] + many) == nil)
    }
}
