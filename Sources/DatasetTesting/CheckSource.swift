package import Datasets
import PointClouds

/// Checks a source against the contract of `SceneSource` and returns one sentence per breach.
///
/// Reads `scenes` scenes, spread over the source, each twice. Tests of a reader contain
/// `#expect(checkSource(source) == [])`.
package func checkSource(_ source: some SceneSource, scenes: Int = 3) -> [String] {
    var breaches: [String] = []
    func require(_ holds: Bool, _ sentence: @autoclosure () -> String) {
        if !holds { breaches.append("\(source.name): " + sentence()) }
    }
    require(!source.name.isEmpty, "the source has no name")
    require(!source.classes.isEmpty, "there are no classes")
    require(Set(source.classes).count == source.classes.count, "two classes share a name")
    require(source.palette.count == source.classes.count, "the palette is not one colour a class")
    require(source.count > 0, "there are no scenes")
    let channelNames = source.channels.map(\.name)
    require(Set(channelNames).count == channelNames.count, "two channels share a name")
    require(source.channels.allSatisfy { $0.width > 0 }, "a channel has no width")

    let indices = 0..<source.count
    require(
        Set(indices.map(source.name(of:))).count == source.count, "two scenes share a name")
    require(
        Set(indices.map(source.sampleID(of:))).count == source.count,
        "two scenes share a sample id")

    let chosen = min(scenes, source.count)
    for place in 0..<chosen {
        let index = place * source.count / chosen
        let name = "scene \(source.name(of: index))"
        do {
            let cloud = try source.scene(at: index)
            for breach in breachesOf(cloud, from: source) { require(false, "\(name) \(breach)") }
            // A worker that computes a lost shard again must read the same cloud.
            let again = try source.scene(at: index)
            require(same(cloud, again), "\(name) differs when it is read again")
        } catch {
            require(false, "\(name) cannot be read: \(error)")
        }
    }
    return breaches
}

private func breachesOf(_ cloud: Cloud, from source: some SceneSource) -> [String] {
    var breaches: [String] = []
    if cloud.count == 0 { breaches.append("has no points") }
    if !cloud.positions.allSatisfy({ $0.x.isFinite && $0.y.isFinite && $0.z.isFinite }) {
        breaches.append("has a position that is not finite")
    }
    let carried = cloud.channels.map { ChannelSpecification($0.name, width: $0.width) }
    if carried != source.channels { breaches.append("carries other channels than declared") }
    for channel in cloud.channels {
        if channel.values.count != cloud.count * channel.width {
            breaches.append("has \(channel.values.count) values in '\(channel.name)'")
        }
        if !channel.values.allSatisfy(\.isFinite) {
            breaches.append("has a value in '\(channel.name)' that is not finite")
        }
        if ["intensity", "colour"].contains(channel.name),
            !channel.values.allSatisfy({ $0 >= 0 && $0 <= 1 })
        {
            breaches.append("has a value in '\(channel.name)' outside 0 ... 1")
        }
    }
    if !cloud.labels.isEmpty && cloud.labels.count != cloud.count {
        breaches.append("has \(cloud.labels.count) labels for \(cloud.count) points")
    }
    let classes = Cloud.ignored..<Int32(source.classes.count)
    if !cloud.labels.allSatisfy(classes.contains) {
        breaches.append("has a label that is no class")
    }
    return breaches
}

private func same(_ one: Cloud, _ other: Cloud) -> Bool {
    one.positions == other.positions && one.channels == other.channels
        && one.labels == other.labels && one.origin == other.origin
}
