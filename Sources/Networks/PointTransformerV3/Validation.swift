extension PointTransformerV3.Configuration {
    /// Throws one sentence if no network of this configuration is possible.
    public func validate() throws(NetworkError) {
        try checkSharedSettings(
            of: self, curves: orders.count, mlpRatio: mlpRatio, dropPath: dropPath)
        try atMost(LargestSettings.channels, encoderChannels, "enc_channels")
        try atMost(LargestSettings.channels, decoderChannels, "dec_channels")
        try atMost(LargestSettings.depth, encoderDepths, "enc_depths")
        try atMost(LargestSettings.depth, decoderDepths, "dec_depths")
        try atMost(LargestSettings.patchSize, encoderPatchSizes, "enc_patch_size")
        try atMost(LargestSettings.patchSize, decoderPatchSizes, "dec_patch_size")
        try atMost(LargestSettings.stride, strides, "stride")
        let stages = encoderChannels.count
        try require(
            stages >= 2, "enc_channels names \(stages) stages; there must be at least 2.")
        for stride in strides {
            // A coarse voxel's key is the fine one's with its lowest bits removed.
            try require(
                stride >= 2 && (version != .m1 || stride & (stride - 1) == 0),
                "stride holds \(stride); a stride is a power of two, such as 2.")
        }
        try require(
            version != .m1 || layerScale == nil && !isEncoderOnly,
            "layer_scale and enc_mode belong to version m2 or m3; this is m1.")
        if let embeddingWidth {
            try require(
                (1...65_536).contains(embeddingWidth) && !isEncoderOnly,
                "cosine_head is \(embeddingWidth); it is the width of embeddings, 1 to 65 536, of a network "
                    + "with a decoder.")
        }
        if let layerScale {
            try require(layerScale.isFinite, "layer_scale is \(layerScale); give a number.")
        }
        try checkRotaryBase(rotaryBase, "rope_base")
        let ofEncoder = "as enc_channels has"
        try length(of: strides, "stride", stages - 1, "one fewer than enc_channels has")
        try length(of: encoderDepths, "enc_depths", stages, ofEncoder)
        try length(of: encoderHeads, "enc_num_head", stages, ofEncoder)
        try length(of: encoderPatchSizes, "enc_patch_size", stages, ofEncoder)
        if !isEncoderOnly {
            let ofDecoder = "one fewer than enc_channels has"
            try length(of: decoderChannels, "dec_channels", stages - 1, ofDecoder)
            try length(of: decoderDepths, "dec_depths", stages - 1, ofDecoder)
            try length(of: decoderHeads, "dec_num_head", stages - 1, ofDecoder)
            try length(of: decoderPatchSizes, "dec_patch_size", stages - 1, ofDecoder)
        }
        for (s, stage) in encoder.enumerated() {
            try check(stage, s, of: "enc")
            guard version == .m3 else { continue }
            try checkRotation(
                of: stage.channels, heads: stage.heads, stage: "enc\(s)", part: "enc")
        }
        for (s, stage) in decoder.enumerated() { try check(stage, s, of: "dec") }
    }

    private func atMost(_ limit: Int, _ list: [Int], _ key: String) throws(NetworkError) {
        for value in list { try requireAtMost(limit, value, "An entry of \(key)") }
    }

    private func length(
        of list: [Int], _ key: String, _ expected: Int, _ reason: String
    ) throws(NetworkError) {
        try require(
            list.count == expected,
            "\(key) has \(list.count) entries; it must have \(expected), \(reason).")
    }

    private func check(
        _ stage: PointTransformerV3.Stage, _ s: Int, of part: String
    ) throws(NetworkError) {
        let place = "of stage \(part)\(s)"
        try require(stage.depth >= 0, "\(part)_depths \(place) is \(stage.depth), below 0.")
        try require(stage.channels > 0, "\(part)_channels \(place) is \(stage.channels), below 1.")
        try require(stage.heads > 0, "\(part)_num_head \(place) is \(stage.heads), below 1.")
        try require(
            stage.patchSize > 0, "\(part)_patch_size \(place) is \(stage.patchSize), below 1.")
        try require(
            stage.channels % stage.heads == 0,
            "The \(stage.channels) channels \(place) do not divide among its \(stage.heads) heads;"
                + " change \(part)_channels or \(part)_num_head.")
        try require(
            stage.hidden > 0,
            "mlp_ratio \(mlpRatio) leaves the MLP \(place) without a hidden channel; raise it.")
    }
}
