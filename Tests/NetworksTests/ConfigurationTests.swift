import Foundation
import Networks
import PointClouds
import Testing

@Suite struct ConfigurationTests {
    typealias Configuration = PointTransformerV3.Configuration

    @Test(
        arguments: [
            ("teacher-base", 46_167_572), ("student-srkd", 11_566_868),
            ("tiny-teacher", 3_428_244), ("student-small", 2_781_604),
            ("peer-student", 2_325_460), ("tiny-student", 361_988),
        ])
    func presetsHaveTheirSize(name: String, parameters: Int) throws {
        let network = try PointTransformerV3(#require(Configuration.preset(name)))
        #expect(network.parameterCount == parameters, "\(name)")
    }

    @Test func everyPresetCanBeBuilt() throws {
        for (name, configuration) in Configuration.presets {
            #expect(throws: Never.self, "\(name)") { try configuration.validate() }
        }
    }

    @Test func recipeStartsFromItsPreset() throws {
        let read = try decoded(
            #"{"preset": "student-small", "num_classes": 13, "patch_size": 128, "order": "z", "pre_norm": true}"#
        )
        var expected = try #require(Configuration.preset("student-small"))
        expected.classes = 13
        expected.orders = [.z]
        #expect(read == expected.withPatchSize(128))
    }

    @Test func configurationSurvivesARoundTrip() throws {
        for (_, configuration) in Configuration.presets {
            let text = try JSONEncoder().encode(configuration)
            #expect(try JSONDecoder().decode(Configuration.self, from: text) == configuration)
        }
    }

    @Test(
        arguments: [
            (#"{"enc_chanels": [8]}"#, "'enc_chanels'"),
            (#"{"preset": "huge"}"#, "teacher-base, student-srkd"),
            (#"{"enable_rpe": true}"#, "set it to false or leave it out"),
            (#"{"pre_norm": false}"#, "set it to true"),
            (#"{"order": ["peano"]}"#, "peano"),
            (#"{"network": "point-net"}"#, "point-transformer-v3"),
        ])
    func unreadableConfigurationIsExplained(text: String, part: String) {
        do {
            _ = try JSONDecoder().decode(NetworkRecipe.self, from: Data(text.utf8))
            Issue.record("\(text) was read")
        } catch {
            #expect("\(error)".contains(part))
        }
    }

    @Test func impossibleNetworksAreRefusedInOneSentence() throws {
        try refuses("The 32 channels of stage enc0 do not divide among its 3 heads") {
            $0.encoderHeads[0] = 3
        }
        try refuses("dec_depths has 3 entries; it must have 4") { $0.decoderDepths.removeLast() }
        try refuses("stride has 5 entries; it must have 4") { $0.strides.append(2) }
        try refuses("stride holds 3; a stride is a power of two") { $0.strides[1] = 3 }
        try refuses("enc_patch_size of stage enc1 is 0") { $0.encoderPatchSizes[1] = 0 }
        try refuses("drop_path is 1.0") { $0.dropPath = 1 }
        try refuses("order is empty") { $0.orders = [] }
        try refuses("num_classes is 0") { $0.classes = 0 }
        try refuses("enc_channels names 1 stages") { $0.encoderChannels = [32] }
        try refuses("leaves the MLP of stage enc0 without") { $0.mlpRatio = 0.01 }
    }

    private func refuses(_ sentence: String, _ spoil: (inout Configuration) -> Void) throws {
        var configuration = Configuration()
        spoil(&configuration)
        let error = #expect(throws: NetworkError.self) {
            _ = try PointTransformerV3(configuration)
        }
        #expect(error?.description.contains(sentence) == true, "\(error?.description ?? "")")
    }

    private func decoded(_ text: String) throws -> Configuration {
        try JSONDecoder().decode(Configuration.self, from: Data(text.utf8))
    }
}
