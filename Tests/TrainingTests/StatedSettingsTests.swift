import Foundation
import Networks
import PointClouds
import Testing
import Training

@Suite struct StatedSettingsTests {
    private var inferred: LitePT.Configuration { LitePT.Configuration.preset("lite-tiny")! }

    private func configuration(
        _ stored: String?, file text: String? = nil
    ) throws -> LitePT.Configuration {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).yaml").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        try text?.write(toFile: file, atomically: true, encoding: .utf8)
        return try StatedSettings(
            file: text == nil ? nil : file, stored: stored, of: "weights.pth"
        ).configuration(completing: inferred)
    }

    @Test("stored settings complete a file's, and shapes complete both")
    func sourcesCompleteOneAnother() throws {
        let stored = """
            {stride: [2, 2, 2, 3], enc_patch_size: [64, 64, 64, 64, 64], enc_mode: false,
             attn_drop: 0.1, enable_flash: true, order: [hilbert], enc_rope_freq: [1, 1, 1, 50, 50]}
            """
        let alone = try configuration(stored)
        #expect(alone.strides == [2, 2, 2, 3])
        #expect(alone.encoder.map(\.patchSize) == [64, 64, 64, 64, 64])
        #expect(alone.encoder.map(\.rotaryBase) == [1, 1, 1, 50, 50])
        #expect(alone.encoder.map(\.channels) == inferred.encoder.map(\.channels))
        let both = try configuration(stored, file: "stride: [2, 2, 2, 2]\npatch_size: 128")
        #expect(both.strides == [2, 2, 2, 2])
        #expect(both.encoder.map(\.patchSize) == [128, 128, 128, 128, 128])
        #expect(both.orders == [.hilbert])
        #expect(try configuration(nil) == inferred)
    }

    @Test(
        "stored settings that are not offered or contradict the shapes are rejected",
        arguments: [
            ("{enc_mode: true}", "enc_mode is true"), ("{qk_scale: 0.5}", "qk_scale"),
            ("{layer_scale: 0.1}", "layer_scale"), ("{order: a dictionary}", "order"),
            ("{enc_depths: [1, 1, 1, 9, 1]}", "[1, 1, 1, 9, 1]"),
        ])
    func contradictionsAreRejected(stored: String, reason: String) {
        let error = #expect(throws: (any Error).self) { try configuration(stored) }
        let sentence = error.map { "\($0)" } ?? ""
        #expect(
            sentence.contains(reason) && sentence.contains("the configuration in weights.pth"),
            "\(sentence)")
    }
}
