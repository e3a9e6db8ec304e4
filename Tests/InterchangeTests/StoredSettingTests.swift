import Interchange
import Testing
import ZipArchives

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

    @Test("values that no network has are represented by their kind")
    func otherValuesAreNamed() throws {
        let one = Pickle.integer(1)
        let found = try settings([
            ("enc_channels", Pickle.list(Array(repeating: one, count: 65))),
            ("order", Pickle.dictionary([("a", one)])),
            ("stride", Pickle.list([Pickle.list([one])])),
            ("mlp_ratio", Pickle.integer(2)), ("mlp_ratio", Pickle.integer(4)),
            ("qk_scale", Pickle.none),
        ])
        #expect(
            found == [
                "enc_channels": .string("a list"), "order": .string("a dictionary"),
                "stride": .string("a list"), "mlp_ratio": .integer(4),
            ])
    }

    @Test("the configuration of a whole run is not a network's")
    func configurationOfRunIsLeftAlone() throws {
        #expect(
            try settings([("model", Pickle.dictionary([])), ("epochs", Pickle.integer(8))]) == nil)
        let many = (0..<256).map { (key: "\($0)", value: Pickle.integer(7)) }
        #expect(try settings([("enc_channels", Pickle.integer(1))] + many) == nil)
    }

    /// The settings of a checkpoint with one weight and these entries under `config`.
    private func settings(_ entries: [(key: String, value: [UInt8])]) throws
        -> [String: StoredSetting]?
    {
        let root = Pickle.dictionary([
            ("state_dict", Pickle.dictionary([("weight", Pickle.tensor)])),
            ("config", Pickle.dictionary(entries)),
        ])
        return try PyTorchFile.check(
            pickle: [0x80, 2] + root + Array(".".utf8),
            of: InputFile(Fixture.path("plain.pth")))
    }
}

/// Instructions of a pickle that leave one value on the stack.
private enum Pickle {
    static let none = Array("N".utf8)

    static func integer(_ number: UInt8) -> [UInt8] { Array("K".utf8) + [number] }

    static func string(_ text: String) -> [UInt8] {
        Array("X".utf8) + [UInt8(text.utf8.count), 0, 0, 0] + Array(text.utf8)
    }

    static func list(_ values: [[UInt8]]) -> [UInt8] {
        Array("](".utf8) + values.flatMap { $0 } + Array("e".utf8)
    }

    static func dictionary(_ entries: [(key: String, value: [UInt8])]) -> [UInt8] {
        Array("}(".utf8) + entries.flatMap { string($0.key) + $0.value } + Array("u".utf8)
    }

    private static func global(_ module: String, _ name: String) -> [UInt8] {
        Array("c\(module)\n\(name)\n".utf8)
    }

    private static func tuple(_ values: [[UInt8]]) -> [UInt8] {
        Array("(".utf8) + values.flatMap { $0 } + Array("t".utf8)
    }

    /// One number, as torch.save writes it.
    static var tensor: [UInt8] {
        let storage =
            tuple([
                string("storage"), global("torch", "FloatStorage"), string("0"), string("cpu"),
                integer(1),
            ]) + Array("Q".utf8)
        return global("torch._utils", "_rebuild_tensor_v2")
            + tuple([storage, integer(0), tuple([integer(1)]), tuple([integer(1)])])
            + Array("R".utf8)
    }
}
