public import Tensors

/// What a network is given of each point, chosen by name.
///
/// Besides the cloud's own channels there are
/// - `position`: x, y, z relative to the cloud's zero, metres;
/// - `centred`: x, y relative to the middle of the bounding box, z above its floor, metres;
/// - `height`: z above the floor of the bounding box, metres;
/// - `distance`: from the cloud's zero, metres.
///
/// - Returns: a row for each point, cloud after cloud, with the chosen values side by side.
/// - Throws: ``PointCloudError`` that names the missing channel and those there are.
public func features(of clouds: [Cloud], channels: [String]) throws -> Tensor {
    let widths = try clouds.map { try featureWidth(of: $0, channels: channels) }
    let width = widths.first ?? 0
    if let other = widths.firstIndex(where: { $0 != width }) {
        throw PointCloudError(
            "The features \(channels.joined(separator: ", ")) are \(width) values in cloud 0 and "
                + "\(widths[other]) in cloud \(other); clouds of one batch need the same channels.")
    }
    let rows = clouds.reduce(0) { $0 + $1.count }
    return Tensor(rows: rows, columns: width) { values in
        var row = 0
        for cloud in clouds {
            var column = 0
            for name in channels {
                write(name, of: cloud, to: &values, row: row, column: column, columns: width)
                column += derived[name] ?? cloud[channel: name]!.width
            }
            row += cloud.count
        }
    }
}

/// What a network is given of each point of one cloud; see ``features(of:channels:)-([Cloud],_)``.
public func features(of cloud: Cloud, channels: [String]) throws -> Tensor {
    try features(of: [cloud], channels: channels)
}

/// How many values a point the chosen features have.
///
/// - Throws: ``PointCloudError`` that names the missing channel and those there are.
public func featureWidth(of cloud: Cloud, channels: [String]) throws -> Int {
    guard !channels.isEmpty else {
        throw PointCloudError("A network needs at least one feature; choose position.")
    }
    return try channels.reduce(0) { width, name in
        if let own = derived[name] { return width + own }
        if let channel = cloud[channel: name] { return width + channel.width }
        let there = cloud.channels.map(\.name) + ["position", "centred", "height", "distance"]
        throw PointCloudError(
            "The cloud has no channel \"\(name)\"; there are \(there.joined(separator: ", ")).")
    }
}

/// The features that follow from the positions, and their widths.
private let derived = ["position": 3, "centred": 3, "height": 1, "distance": 1]

private func write(
    _ name: String, of cloud: Cloud, to values: inout MutableSpan<Float>, row: Int, column: Int,
    columns: Int
) {
    guard derived[name] != nil else {
        let channel = cloud[channel: name]!
        for point in 0..<cloud.count {
            let begin = (row + point) * columns + column
            for index in 0..<channel.width {
                values[begin + index] = channel.values[point * channel.width + index]
            }
        }
        return
    }
    var least = cloud.positions.first ?? .zero
    var greatest = least
    for position in cloud.positions {
        least = pointwiseMin(least, position)
        greatest = pointwiseMax(greatest, position)
    }
    let middle = (least + greatest) / 2
    var begin = row * columns + column
    switch name {
    case "height":
        for position in cloud.positions {
            values[begin] = position.z - least.z
            begin += columns
        }
    case "distance":
        for position in cloud.positions {
            values[begin] = (position * position).sum().squareRoot()
            begin += columns
        }
    default:
        let zero = name == "centred" ? SIMD3(middle.x, middle.y, least.z) : .zero
        for position in cloud.positions {
            let shifted = position - zero
            for axis in 0..<3 { values[begin + axis] = shifted[axis] }
            begin += columns
        }
    }
}
