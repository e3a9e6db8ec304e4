extension Cloud {
    /// The given points, in the given order, with their features and labels.
    public func selecting(_ rows: [Int32]) -> Cloud {
        var chosen = Cloud(positions: rows.map { positions[Int($0)] }, origin: origin)
        chosen.channels = channels.map { channel in
            var values: [Float] = []
            values.reserveCapacity(rows.count * channel.width)
            for row in rows {
                let begin = Int(row) * channel.width
                for index in begin..<begin + channel.width { values.append(channel.values[index]) }
            }
            return Channel(name: channel.name, width: channel.width, values: values)
        }
        if !labels.isEmpty { chosen.labels = rows.map { labels[Int($0)] } }
        return chosen
    }

    /// Checks that every point has finite coordinates, all features and, if any point has one, a
    /// label.
    ///
    /// - Throws: ``PointCloudError`` that names the invalid point or channel.
    public func check() throws {
        // Rows are numbered with 32 bits in all kernels.
        guard count <= Int(Int32.max) else {
            throw PointCloudError("A cloud of \(count) points is too large; at most \(Int32.max).")
        }
        for channel in channels
        where channel.width < 1 || channel.values.count != count * channel.width {
            throw PointCloudError(
                "Channel \"\(channel.name)\" has \(channel.values.count) values; \(count) points "
                    + "of width \(channel.width) need \(count * channel.width).")
        }
        guard labels.isEmpty || labels.count == count else {
            throw PointCloudError("The cloud has \(labels.count) labels for \(count) points.")
        }
        for (index, position) in positions.enumerated()
        where !(position.x.isFinite && position.y.isFinite && position.z.isFinite) {
            throw PointCloudError(
                "Point \(index) of the cloud lies at (\(position.x), \(position.y), "
                    + "\(position.z)); remove points whose coordinates are not finite.")
        }
    }
}
