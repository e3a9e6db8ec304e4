public import PointClouds
import Tensors

extension PointTransformerV3 {
    /// What the network costs on a scene, part by part in the order in which they compute.
    public struct PartCost: Sendable, Equatable {
        /// `embedding`, `enc0`, …, `dec0`, `seg_head`.
        public let name: String
        /// Numbers that were trained.
        public internal(set) var parameters = 0
        /// Floating-point operations of products: two for each multiplication with its addition.
        ///
        /// Linear maps, convolutions (over the neighbours that exist) and attention; norms and
        /// activations are a hundredth beside them.
        public internal(set) var operations = 0
    }

    /// The cost of every part.
    public func costs(on hierarchy: PointHierarchy) -> [PartCost] {
        var costs: [PartCost] = []
        for specification in specifications where specification.isTrained {
            let words = specification.name.split(separator: ".").map(String.init)
            let part = words[0] == "backbone" ? words[words[1] == "embedding" ? 1 : 2] : words[0]
            if costs.last?.name != part { costs.append(PartCost(name: part)) }
            costs[costs.count - 1].parameters += specification.count
            guard specification.role == .weight else { continue }
            let stage = hierarchy.stages[self.stage(of: words, in: part)]
            let shape = specification.shape
            if shape.count == 5 {
                let pairs = stage.kernelMap(size: shape[1]).inputs.count
                costs[costs.count - 1].operations += 2 * pairs * shape[0] * shape[4]
            } else {
                costs[costs.count - 1].operations += 2 * stage.rows * specification.count
            }
            if words.suffix(2) == ["qkv", "weight"] {
                let size = patchSize(of: part)
                let keys = stage.cloudRanges.reduce(0) { $0 + $1.count * min($1.count, size) }
                // Scores and weighted values.
                costs[costs.count - 1].operations += 4 * keys * shape[1]
            }
        }
        return costs
    }

    /// The stage whose rows a weight meets.
    private func stage(of words: [String], in part: String) -> Int {
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
