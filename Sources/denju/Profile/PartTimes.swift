import DenjuInference
import Networks
import PointClouds
import Reporting
import Tensors

/// Where the time of labelling a scan goes, by the parts of the network.
struct PartTimes {
    /// Seconds of voxels, then of curves and stages, then of each part that was named.
    private(set) var seconds: [String: [Double]] = [:]

    /// What stands for everything before the network.
    static let voxels = "voxels"
    static let curves = "curves"

    /// Labels a cloud once and notes the times.
    mutating func run(
        _ cloud: Cloud, _ network: PointTransformerV3, _ weights: Weights, _ card: ModelCard
    ) throws {
        var noted: [String: Double] = [:]
        var last = ContinuousClock.now
        func note(_ part: String) {
            let now = ContinuousClock.now
            noted[part, default: 0] += (now - last) / .seconds(1)
            last = now
        }
        let voxels = try VoxelCloud(cloud, gridSize: card.grid)
        let read = try features(of: voxels.cloud, card.features)
        note(Self.voxels)
        let hierarchy = try network.geometry.hierarchy(gridCoordinates: [voxels.gridCoordinates])
        note(Self.curves)
        let pass = ForwardContext(
            .evaluation, of: network, weights,
            recorder: { path, _ in
                let words = path.split(separator: ".")
                note(String(words[1] == "embedding" ? words[1] : words[2]))
            })
        let scores = network(Scene(features: read, hierarchy: hierarchy), pass).logits
        _ = scores.largestColumns
        note("seg_head")
        for (part, time) in noted { seconds[part, default: []].append(time) }
    }

    /// The median of a part's times, milliseconds.
    func milliseconds(of part: String) -> Double { 1e3 * (seconds[part]?.median ?? 0) }

    /// The median of the sums, milliseconds.
    var total: Double {
        let count = seconds.values.map(\.count).min() ?? 0
        let sums = (0..<count).map { run in seconds.values.reduce(0) { $0 + $1[run] } }
        return count == 0 ? 0 : 1e3 * sums.median
    }
}
