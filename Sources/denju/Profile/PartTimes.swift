import DenjuInference
import Networks
import PointClouds
import Reporting
import Tensors

/// The times of the parts of labelling a scan.
struct PartTimes {
    /// Seconds of each pass, by part: voxels, curves and stages, and the network's parts.
    private(set) var seconds: [String: [Double]] = [:]

    /// The name of the part before the network: voxels and features.
    static let voxels = "voxels"
    /// The name of the part that builds curves and stages.
    static let curves = "curves"

    /// Labels a cloud once and records the times.
    mutating func run(
        _ cloud: Cloud, _ network: some Network, _ weights: Weights, _ card: ModelCard
    ) throws {
        var passTimes: [String: Double] = [:]
        var last = ContinuousClock.now
        func record(_ part: String) {
            let now = ContinuousClock.now
            passTimes[part, default: 0] += (now - last) / .seconds(1)
            last = now
        }
        let voxels = try VoxelCloud(cloud, gridSize: card.grid)
        let read = try features(of: voxels.cloud, card.features)
        record(Self.voxels)
        let hierarchy = try network.geometry.hierarchy(gridCoordinates: [voxels.gridCoordinates])
        let scene = try network.geometry.scene(
            of: [voxels], features: read, hierarchy: hierarchy)
        record(Self.curves)
        let pass = ForwardContext(
            .evaluation, of: network, weights,
            recorder: { path, _ in record(network.part(of: path)) })
        let scores = network(scene, pass).logits
        _ = scores.largestColumns
        // Nothing is recorded after the last layer, the head: the remaining time is its.
        record(network.part(of: network.specifications.last?.name ?? "head"))
        for (part, time) in passTimes { seconds[part, default: []].append(time) }
    }

    /// The median time of a part in milliseconds.
    func milliseconds(of part: String) -> Double { 1e3 * (seconds[part]?.median ?? 0) }

    /// The median time of a pass in milliseconds.
    var total: Double {
        let count = seconds.values.map(\.count).min() ?? 0
        let sums = (0..<count).map { run in seconds.values.reduce(0) { $0 + $1[run] } }
        return count == 0 ? 0 : 1e3 * sums.median
    }
}
