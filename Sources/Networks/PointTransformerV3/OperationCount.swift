public import PointClouds

extension PointTransformerV3 {
    /// `embedding`, `enc0`, …, `dec0` or `seg_head`.
    public func part(of path: String) -> String {
        let words = path.split(separator: ".").map(String.init)
        guard words[0] == "backbone" else { return words[0] }
        return words[words[1] == "embedding" ? 1 : 2]
    }

    /// The cost of every part, each weight counted at its stage, and attention.
    public func costs(on hierarchy: PointHierarchy) -> [PartCost] {
        var costs = costs { hierarchy.stages[stage(of: $0)] }
        for specification in specifications where specification.name.hasSuffix("qkv.weight") {
            let part = part(of: specification.name)
            guard let place = costs.firstIndex(where: { $0.name == part }) else { continue }
            let size = patchSize(of: part)
            let keys = hierarchy.stages[stage(of: specification)].cloudRanges
                .reduce(0) { $0 + $1.count * min($1.count, size) }
            // Scores and weighted values.
            costs[place].operations += 4 * keys * specification.shape[1]
        }
        return costs
    }

    /// The stage whose rows are multiplied with a weight.
    private func stage(of specification: ParameterSpecification) -> Int {
        let words = specification.name.split(separator: ".")
        let part = part(of: specification.name)
        guard let stage = Int(part.dropFirst(3)), part.hasPrefix("enc") || part.hasPrefix("dec")
        else { return 0 }
        if words.contains("down") { return stage - 1 }
        if words.contains("up"), words.contains("proj") { return stage + 1 }
        return stage
    }

    private func patchSize(of part: String) -> Int {
        let stage = Int(part.dropFirst(3)) ?? 0
        return part.hasPrefix("enc")
            ? configuration.encoderPatchSizes[stage] : configuration.decoderPatchSizes[stage]
    }
}
