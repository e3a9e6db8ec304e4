import PointClouds

extension PointTransformerV3.Configuration {
    /// The named configurations, largest first.
    ///
    /// Channels of a point and classes are the stock ones (6 and 20), to be replaced by the data's.
    public static let presets: [(name: String, configuration: Self)] = [
        ("teacher-base", .init()),
        ("student-srkd", studentSRKD),
        ("tiny-teacher", tinyTeacher),
        ("student-small", studentSmall),
        ("peer-student", peerStudent),
        ("tiny-student", tinyStudent),
    ]

    /// The names of ``presets``.
    public static var presetNames: [String] { presets.map(\.name) }

    /// The configuration of a preset; nil if there is none of this name.
    public static func preset(_ name: String) -> Self? {
        presets.first { $0.name == name }?.configuration
    }

    /// The student of SRKD (arXiv 2506.17290): the stock network at half the width, 11.6 million
    /// parameters.
    private static var studentSRKD: Self {
        var configuration = Self()
        configuration.encoderChannels = [16, 32, 64, 128, 256]
        configuration.decoderChannels = [32, 32, 64, 128]
        return configuration
    }

    /// Half the depth as well, 2.8 million.
    private static var studentSmall: Self {
        var configuration = Self()
        configuration.encoderDepths = [1, 1, 1, 2, 1]
        configuration.encoderChannels = [16, 16, 32, 64, 128]
        configuration.encoderHeads = [1, 1, 2, 4, 8]
        configuration.decoderDepths = [1, 1, 1, 1]
        configuration.decoderChannels = [64, 64, 128, 128]
        configuration.decoderHeads = [4, 4, 8, 8]
        return configuration
    }

    /// The student of the step that is timed against PyTorch, 2.3 million.
    private static var peerStudent: Self {
        var configuration = Self()
        configuration.encoderDepths = [2, 2, 2, 2, 2]
        configuration.encoderChannels = [16, 32, 48, 64, 128]
        configuration.encoderHeads = [1, 2, 3, 4, 8]
        configuration.decoderDepths = [1, 1, 1, 1]
        configuration.decoderChannels = [32, 32, 48, 64]
        configuration.decoderHeads = [2, 2, 3, 4]
        return configuration
    }

    /// For first tries and tests on a laptop, 3.4 million.
    private static var tinyTeacher: Self {
        var configuration = Self()
        configuration.strides = [2, 2]
        configuration.encoderDepths = [2, 2, 4]
        configuration.encoderChannels = [32, 64, 128]
        configuration.encoderHeads = [2, 4, 8]
        configuration.decoderDepths = [1, 1]
        configuration.decoderChannels = [64, 64]
        configuration.decoderHeads = [4, 4]
        return configuration.withPatchSize(128)
    }

    /// For first tries and tests on a laptop, 0.36 million.
    private static var tinyStudent: Self {
        var configuration = Self()
        configuration.strides = [2, 2]
        configuration.encoderDepths = [1, 2, 1]
        configuration.encoderChannels = [16, 32, 64]
        configuration.encoderHeads = [1, 2, 4]
        configuration.decoderDepths = [1, 1]
        configuration.decoderChannels = [32, 32]
        configuration.decoderHeads = [2, 2]
        return configuration.withPatchSize(128)
    }
}
