import Foundation
import Networks
import PointClouds
import Testing

@Suite struct LitePTTests {
    private func read(_ text: String) throws -> LitePT.Configuration {
        try JSONDecoder().decode(LitePT.Configuration.self, from: Data(text.utf8))
    }

    /// Published: 12.7 million parameters; the smaller ones are this project's.
    @Test(arguments: [("litept-s", 12.7e6), ("lite-small", 2.9e6), ("lite-tiny", 1.1e6)])
    func presetsHaveTheStatedSizes(name: String, parameters: Double) throws {
        let configuration = try #require(LitePT.Configuration.preset(name))
        let count = Double(try LitePT(configuration).parameterCount)
        #expect((count / parameters - 1).magnitude < 0.05, "\(count)")
    }

    @Test func configurationSurvivesWriting() throws {
        let preset = try #require(LitePT.Configuration.preset("lite-tiny"))
        for configuration in [smallLite, preset] {
            let text = try JSONEncoder().encode(configuration)
            var again = try JSONDecoder().decode(LitePT.Configuration.self, from: text)
            again.inputChannels = configuration.inputChannels
            again.classes = configuration.classes
            #expect(again == configuration)
        }
    }

    @Test func publicKeysDescribeEveryStage() throws {
        let configuration = try read(
            """
            {"stride": [2], "enc_depths": [1, 2], "enc_channels": [8, 18], "enc_num_head": [1, 1],
             "enc_conv": [true, false], "enc_attn": [false, true], "enc_rope_freq": [100.0, 50.0],
             "enc_patch_size": [64, 32], "dec_depths": [0], "dec_channels": [8], "dec_num_head": [1],
             "dec_conv": [false], "dec_attn": [false], "dec_rope_freq": [100.0], "dec_patch_size": [64],
             "order": "z", "qkv_bias": true, "pre_norm": true, "enc_mode": false, "drop_path": 0.1}
            """)
        #expect(configuration.encoder.map(\.channels) == [8, 18])
        #expect(configuration.encoder.map(\.attends) == [false, true])
        #expect(configuration.encoder.map(\.rotaryBase) == [100, 50])
        #expect(configuration.encoder.map(\.patchSize) == [64, 32])
        #expect(configuration.orders == [.z])
        #expect(try LitePT(configuration).taps.map(\.width) == [8, 18, 8])
    }

    @Test(arguments: [
        (#"{"enc_channels": [8, 20], "stride": [2]}"#, "one fewer"),
        (#"{"enc_num_head": [2, 4]}"#, "enc_num_head has 2 entries; it must have 5"),
        (#"{"enc_channels": [36, 72, 144, 252, 500]}"#, "multiple of 6"),
        (#"{"pre_norm": false}"#, "pre_norm is false, which is not offered here"),
        (#"{"enc_mode": true}"#, "enc_mode is true"), (#"{"stride": [2, 2, 2, 0]}"#, "at least 1"),
        (#"{"preset": "lite"}"#, "choose one of litept-s, lite-small, lite-tiny"),
        (#"{"enc_convs": [true]}"#, "enc_conv"),
    ])
    func impossibleConfigurationIsRejected(text: String, reason: String) throws {
        let error = #expect(throws: (any Error).self) {
            try LitePT(read(text)).specifications.isEmpty
        }
        let sentence =
            if case DecodingError.dataCorrupted(let context)? = error as? DecodingError {
                context.debugDescription
            } else {
                "\(error!)"
            }
        #expect(sentence.contains(reason), "\(sentence)")
    }

    /// Stages that attend have curves, the others none.
    @Test func onlyAttendingStagesAreSerialised() throws {
        let network = try LitePT(smallLite)
        let hierarchy = try network.geometry.hierarchy(
            gridCoordinates: [[SIMD3(0, 0, 0), SIMD3(5, 2, 1), SIMD3(5, 3, 1)]])
        #expect(hierarchy.stages.map(\.orders.count) == [0, 4, 4])
        #expect(hierarchy.stages.map(\.rows) == [3, 2, 2])
    }

    @Test func rowsAgreeWithAPointTransformerAlongMortonsCurve() throws {
        let lite = try LitePT(smallLite).geometry
        let other = try PointTransformerV3(small).geometry
        for stage in 0...2 {
            #expect(lite.numbersRows(ofStage: stage, like: other))
            #expect(other.numbersRows(ofStage: stage, like: lite))
        }
        var hilbert = small
        hilbert.orders = [.hilbert]
        let turned = try PointTransformerV3(hilbert).geometry
        #expect(lite.numbersRows(ofStage: 0, like: turned))
        #expect(!lite.numbersRows(ofStage: 1, like: turned))
        let cells = (0..<300).map { index -> SIMD3<Int32> in
            let mixed = Int32(truncatingIfNeeded: index &* 7919)
            return SIMD3(mixed % 19, mixed / 19 % 23, Int32(index))
        }
        let rows = try [lite, other].map { geometry in
            try geometry.hierarchy(gridCoordinates: [cells]).stages.map(\.gridCoordinates)
        }
        #expect(rows[0] == rows[1])
    }
}
