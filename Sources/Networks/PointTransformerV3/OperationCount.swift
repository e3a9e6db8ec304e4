public import PointClouds

extension PointTransformerV3 {
    /// `embedding`, `enc0`, …, `dec0` or `seg_head`.
    public func part(of path: String) -> String { StagedPart.name(of: path) }

    /// The cost of every part, each weight counted at its stage, and attention.
    public func costs(on hierarchy: PointHierarchy) -> [PartCost] {
        stagedCosts(on: hierarchy) { tap in
            switch tap {
            case .encoder(let stage): configuration.encoderPatchSizes[stage]
            case .decoder(let stage): configuration.decoderPatchSizes[stage]
            }
        }
    }
}
