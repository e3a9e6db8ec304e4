import Tensors

/// Assembles versions of the weights from the parts that a worker receives.
struct WeightsAssembler {
    private let parts: WeightsParts
    private var versions: [Int: [Tensor?]] = [:]
    private var frozen: [Tensor?]

    init(_ parts: WeightsParts) {
        self.parts = parts
        frozen = Array(repeating: nil, count: parts.frozen)
    }

    /// Inserts a part; one that does not exist is ignored.
    mutating func insert(_ tensor: Tensor, version: Int, index: Int) {
        if parts.frozenBuckets.contains(index) {
            frozen[index - parts.frozenBuckets.lowerBound] = tensor
        } else if (0..<parts.averaged.upperBound).contains(index) {
            let none = [Tensor?](repeating: nil, count: parts.averaged.upperBound)
            versions[version, default: none][index] = tensor
            // The version in use and the one that is being sent; each may be hundreds of megabytes.
            for old in versions.keys.sorted().dropLast(2) { versions[old] = nil }
        }
    }

    /// The weights that a step is computed with; nil until all of their parts have arrived.
    func forSteps(_ version: Int) -> WeightsVersion? {
        guard let values = values(version, 0..<parts.statistics + 1) else { return nil }
        var averages: WeightsVersion.Values?
        if parts.averages == .steps {
            averages = self.values(version, parts.averaged)
            guard averages != nil else { return nil }
        }
        return complete(version, values, areAverages: false, averages)
    }

    /// The weights that samples are labelled with; nil until all of their parts have arrived.
    func forLabels(_ version: Int) -> WeightsVersion? {
        let areAverages = parts.averages != .unused
        let values =
            areAverages
            ? values(version, parts.averaged) : values(version, 0..<parts.statistics + 1)
        return values.flatMap { complete(version, $0, areAverages: areAverages, nil) }
    }

    private func values(
        _ version: Int, _ range: some RangeExpression<Int>
    ) -> WeightsVersion.Values? {
        guard let all = versions[version] else { return nil }
        let wanted = all[range]
        let present = wanted.compactMap { $0 }
        return present.count == wanted.count ? .init(present) : nil
    }

    private func complete(
        _ version: Int, _ values: WeightsVersion.Values, areAverages: Bool,
        _ averages: WeightsVersion.Values?
    ) -> WeightsVersion? {
        let constant = frozen.compactMap { $0 }
        guard constant.count == frozen.count else { return nil }
        return WeightsVersion(
            version: version, values: values, areAverages: areAverages, averages: averages,
            frozen: constant)
    }
}
