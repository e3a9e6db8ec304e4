public import Tensors

/// The chosen features of each point, as a network reads them.
///
/// Besides the cloud's own channels there are
/// - `position`: x, y, z relative to the cloud's zero, metres;
/// - `centred`: x, y relative to the middle of the bounding box, z above its floor, metres;
/// - `height`: z above the floor of the bounding box, metres;
/// - `distance`: from the cloud's zero, metres.
///
/// A NaN marks a value that a view has removed: the network reads 0 in its place, for any scale.
///
/// - Returns: a row for each point, cloud by cloud, with the chosen values side by side.
/// - Throws: ``PointCloudError`` that names the missing channel and the existing ones.
public func features(of clouds: [Cloud], _ chosen: [Feature]) throws -> Tensor {
    let widths = try clouds.map { try featureWidth(of: $0, chosen) }
    let width = widths.first ?? 0
    if let other = widths.firstIndex(where: { $0 != width }) {
        throw PointCloudError(
            "The features \(chosen.map(\.name).joined(separator: ", ")) are \(width) values in "
                + "cloud 0 and \(widths[other]) in cloud \(other); clouds of one batch need the "
                + "same channels.")
    }
    let rows = clouds.reduce(0) { $0 + $1.count }
    return Tensor(rows: rows, columns: width) { values in
        var row = 0
        for cloud in clouds {
            var column = 0
            for feature in chosen {
                let own = Feature.derived[feature.name] ?? cloud[channel: feature.name]!.width
                write(
                    feature.name, of: cloud, to: &values, row: row, column: column, columns: width)
                for index in 0..<own {
                    finish(
                        &values, feature.scale, of: index, rows: row..<row + cloud.count,
                        column: column + index, columns: width)
                }
                column += own
            }
            row += cloud.count
        }
    }
}

/// The chosen features of each point of one cloud; see ``features(of:_:)-([Cloud],_)``.
public func features(of cloud: Cloud, _ chosen: [Feature]) throws -> Tensor {
    try features(of: [cloud], chosen)
}

/// The number of values of the chosen features.
///
/// - Throws: ``PointCloudError`` that names the missing channel and the existing ones, or a scale
///   with too few numbers.
public func featureWidth(of cloud: Cloud, _ chosen: [Feature]) throws -> Int {
    guard !chosen.isEmpty else {
        throw PointCloudError("A network needs at least one feature; choose position.")
    }
    return try chosen.reduce(0) { width, feature in
        let name = feature.name
        guard let own = Feature.derived[name] ?? cloud[channel: name]?.width else {
            let there = cloud.channels.map(\.name) + ["position", "centred", "height", "distance"]
            throw PointCloudError(
                "The cloud has no channel \"\(name)\"; there are \(there.joined(separator: ", ")).")
        }
        if let scale = feature.scale {
            for numbers in [scale.subtract, scale.divide]
            where numbers.count != 1 && numbers.count != own {
                throw PointCloudError(
                    "The scale of \"\(name)\" has \(numbers.count) numbers; give one for each of "
                        + "its \(own) values, or one for all.")
            }
        }
        return width + own
    }
}

/// Scales a column and replaces NaN by 0.
private func finish(
    _ values: inout MutableSpan<Float>, _ scale: Feature.Scale?, of index: Int, rows: Range<Int>,
    column: Int, columns: Int
) {
    let subtract = scale.map { $0.subtract[min(index, $0.subtract.count - 1)] } ?? 0
    let divide = scale.map { $0.divide[min(index, $0.divide.count - 1)] } ?? 1
    for row in rows {
        let place = row * columns + column
        let value = values[place]
        if value.isNaN {
            values[place] = 0
        } else if scale != nil {
            values[place] = (value - subtract) / divide
        }
    }
}

private func write(
    _ name: String, of cloud: Cloud, to values: inout MutableSpan<Float>, row: Int, column: Int,
    columns: Int
) {
    guard Feature.derived[name] != nil else {
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
