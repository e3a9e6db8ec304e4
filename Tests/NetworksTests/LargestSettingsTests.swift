import Foundation
import Networks
import Testing

/// Numbers whose products would exceed an integer's range.
@Suite struct LargestSettingsTests {
    private func sentence<Made: ConfiguredNetwork>(
        _ type: Made.Type, _ text: String
    ) throws -> String {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        let configuration = try decoder.decode(Made.Configuration.self, from: Data(text.utf8))
        let error = #expect(throws: NetworkError.self) {
            try Made(configuration).specifications.isEmpty
        }
        return error.map { "\($0)" } ?? ""
    }

    @Test(
        "a setting beyond every network's is rejected by name",
        arguments: [
            (#"{"mlp_ratio": 1e30}"#, "mlp_ratio"), (#"{"mlp_ratio": "inf"}"#, "mlp_ratio"),
            (#"{"enc_channels": [36, 72, 144, 4611686018427387900, 504]}"#, "enc_channels"),
            (#"{"dec_channels": [36, 72, 144, 4611686018427387900]}"#, "dec_channels"),
            (#"{"enc_depths": [1, 1, 1, 1, 4611686018427387904]}"#, "enc_depths"),
            (#"{"stride": [2, 2, 2, 4611686018427387904]}"#, "stride"),
            (#"{"enc_patch_size": [8, 8, 8, 9223372036854775807, 8]}"#, "enc_patch_size"),
            (#"{"in_channels": 9223372036854775807}"#, "in_channels"),
            (#"{"num_classes": 9223372036854775807}"#, "num_classes"),
        ])
    func largeSettingsAreRejected(text: String, key: String) throws {
        for sentence in [
            try sentence(LitePT.self, text), try sentence(PointTransformerV3.self, text),
        ] {
            #expect(sentence.contains(key) && sentence.contains("at most"), "\(sentence)")
        }
    }

    @Test(
        "rotations have a base from 1 to 1e9, and heads a whole width",
        arguments: [
            (#"{"enc_rope_freq": [1, 1, 1, "inf", 1]}"#, "enc_rope_freq of stage enc3 is inf"),
            (#"{"dec_rope_freq": ["inf", 1, 1, 1]}"#, "dec_rope_freq of stage dec0 is inf"),
            (#"{"enc_rope_freq": [1, 1, 1, 1, "nan"]}"#, "enc_rope_freq of stage enc4 is nan"),
            (#"{"enc_rope_freq": [1, 1, 1, 1, 1e-300]}"#, "at least 1"),
            (#"{"enc_num_head": [1, 1, 1, 4611686018427387904, 1]}"#, "multiple of 6"),
        ])
    func rotationsAreBounded(text: String, reason: String) throws {
        let sentence = try sentence(LitePT.self, text)
        #expect(sentence.contains(reason), "\(sentence)")
    }

    @Test(
        "version m3 has the same bounds",
        arguments: [
            (#"{"rope_base": "inf"}"#, "rope_base is inf; it must be at most"),
            (#"{"rope_base": 1e-320}"#, "at least 1"),
            (#"{"enc_num_head": [2, 4, 8, 16, 32]}"#, "multiple of 6"),
        ])
    func laterVersionIsBounded(text: String, reason: String) throws {
        let own = text.dropLast() + #", "version": "m3"}"#
        let sentence = try sentence(PointTransformerV3.self, String(own))
        #expect(sentence.contains(reason), "\(sentence)")
    }
}
