import PointClouds

/// The parts of networks whose parameters have the public names of Point Transformer V3:
/// `backbone.embedding`, `backbone.enc.enc0`, `backbone.dec.dec0`, …, `seg_head`.
enum StagedPart {
    /// `embedding`, `enc0`, …, `dec0` or `seg_head`.
    static func name(of path: String) -> String {
        let words = path.split(separator: ".").map(String.init)
        guard words[0] == "backbone" else { return words[0] }
        return words[words[1] == "embedding" ? 1 : 2]
    }

    /// The stage whose rows are multiplied with a weight.
    fileprivate static func stage(of specification: ParameterSpecification) -> Int {
        let words = specification.name.split(separator: ".")
        guard let stage = Tap(name(of: specification.name))?.stage else { return 0 }
        if words.contains("down") { return stage - 1 }
        if words.contains("up"), words.contains("proj") { return stage + 1 }
        return stage
    }
}

extension Network {
    /// The cost of every part, each weight counted at its stage, and attention within patches of the
    /// size of its stage.
    func stagedCosts(on hierarchy: PointHierarchy, patchSize: (Tap) -> Int) -> [PartCost] {
        var costs = costs { hierarchy.stages[StagedPart.stage(of: $0)] }
        for specification in specifications where specification.name.hasSuffix("qkv.weight") {
            let part = StagedPart.name(of: specification.name)
            guard let tap = Tap(part), let place = costs.firstIndex(where: { $0.name == part })
            else { continue }
            let size = patchSize(tap)
            let keys = hierarchy.stages[tap.stage].cloudRanges
                .reduce(0) { $0 + $1.count * min($1.count, size) }
            // Scores and weighted values.
            costs[place].operations += 4 * keys * specification.shape[1]
        }
        return costs
    }
}
