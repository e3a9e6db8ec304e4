import Archives
package import PointClouds

/// Makes clouds of records: coordinates centred in Float64, channels brought to their range,
/// numbers of classes turned into labels; whatever cannot be used is named.
package struct PointInterpreter: Sendable {
    package let plan: FieldPlan
    /// By channel.
    package let scales: [String: FullScale]
    /// Whether positions are counted from the middle of the scene.
    package let centres: Bool

    /// An interpreter of records that have every field of the plan.
    package init(plan: FieldPlan, scales: [String: FullScale], centres: Bool) {
        self.plan = plan
        self.scales = scales
        self.centres = centres
    }

    /// Coordinates farther from zero lose their millimetres in Float32.
    private static let reach = 16_384.0
    /// Points farther from the middle of their scene lose their centimetres.
    private static let reachOfScene = 131_072.0

    /// The channels of every cloud.
    package var channels: [ChannelSpecification] {
        plan.channels.map { ChannelSpecification($0.name, width: $0.fields.count) }
    }

    /// What was found by names and values rather than told.
    package var notes: [String] {
        var notes = ["x, y, z are \(plan.position.map { "'\($0)'" }.listed())"]
        notes.append(plan.label.map { "labels are '\($0)'" } ?? "there are no labels")
        for channel in plan.channels {
            if let scale = scales[channel.name] {
                notes.append(scale.reason)
            } else if channel.fields != [channel.name] {
                notes.append("\(channel.name) is \(channel.fields.map { "'\($0)'" }.listed())")
            }
        }
        if centres { notes.append("positions count from the middle of each scene") }
        return notes
    }

    /// The cloud of some records; every one of the plan's fields must be there, but the label may
    /// be missing.
    ///
    /// - Parameter label: the label of a class's number; nil for a number that stands for no class.
    package func cloud(
        from records: PointRecords, label: (_ number: Int) -> Int32?
    ) throws -> Cloud {
        let (positions, origin) = try self.positions(of: records)
        var cloud = Cloud(positions: positions, origin: origin)
        cloud.channels = try plan.channels.map { try self.channel($0, of: records) }
        if let column = plan.label.flatMap({ records[$0] }) {
            cloud.labels = try labels(in: column, label)
        }
        return cloud
    }

    private func column(_ name: String, of records: PointRecords) throws -> PointRecords.Column {
        guard let column = records[name] else {
            throw SourceError(
                "The file \(records.path) has no '\(name)', which others of its data set have: it "
                    + "has \(records.names.map { "'\($0)'" }.listed()).")
        }
        return column
    }

    private func refuse(
        _ column: PointRecords.Column, _ row: Int, _ value: Double, _ advice: String
    ) -> SourceError {
        SourceError(
            "The file \(column.table.file) has \(number(value)) as the '\(column.field.name)' of "
                + "\(column.location(of: row)): \(advice).")
    }

    // MARK: - Positions

    private func positions(
        of records: PointRecords
    ) throws -> (positions: [SIMD3<Float>], origin: SIMD3<Double>) {
        let columns = try plan.position.map { try column($0, of: records) }
        var axes: [[Double]] = []
        for column in columns {
            var values: [Double] = []
            values.reserveCapacity(records.count)
            try column.table.forEach(column.field) { row, value in
                guard value.isFinite else {
                    throw refuse(column, row, value, "remove the point or export the scan again")
                }
                values.append(value)
            }
            axes.append(values)
        }
        let origin = centres ? Cloud.middle(of: axes) : .zero
        let reach = centres ? Self.reachOfScene : Self.reach
        for (axis, column) in columns.enumerated() {
            for (row, value) in axes[axis].enumerated() where abs(value - origin[axis]) > reach {
                throw refuse(
                    column, row, value,
                    centres
                        ? "no point may lie farther than \(Int(reach)) m from the middle of its "
                            + "scene, where Float32 still tells centimetres"
                        : "so far from zero Float32 loses millimetres, set data.options.centre to "
                            + "true to count positions from the middle of each scene")
            }
        }
        let positions = (0..<records.count).map { row in
            SIMD3<Float>(SIMD3(axes[0][row], axes[1][row], axes[2][row]) - origin)
        }
        return (positions, origin)
    }

    // MARK: - Channels and labels

    private func channel(
        _ channel: FieldPlan.Channel, of records: PointRecords
    ) throws -> Cloud.Channel {
        let width = channel.fields.count
        var values = [Float](repeating: 0, count: records.count * width)
        let scale = scales[channel.name]
        for (place, name) in channel.fields.enumerated() {
            let column = try column(name, of: records)
            try column.table.forEach(column.field) { row, value in
                var value = value
                guard value.isFinite, Float(value).isFinite else {
                    throw refuse(
                        column, row, value,
                        "leave the channel out by naming the others under data.channels, or mend "
                            + "the file")
                }
                if let scale {
                    value /= scale.value
                    if scale.isTold {
                        value = max(0, min(1, value))
                    } else if value < 0 || value > 1 {
                        throw refuse(
                            column, row, value * scale.value,
                            "\(channel.name) was taken to lie between 0 and "
                                + "\(number(scale.value)), so set data.options."
                                + "\(FullScale.options[channel.name] ?? "range")")
                    }
                }
                values[row * width + place] = Float(value)
            }
        }
        return Cloud.Channel(name: channel.name, width: width, values: values)
    }

    private func labels(
        in column: PointRecords.Column, _ label: (_ number: Int) -> Int32?
    ) throws -> [Int32] {
        var labels: [Int32] = []
        labels.reserveCapacity(column.table.count)
        var unlisted: [Int: (points: Int, first: Int)] = [:]
        try column.table.forEach(column.field) { row, value in
            guard let raw = Int(exactly: value) else {
                throw refuse(column, row, value, "labels are whole numbers")
            }
            if let label = label(raw) {
                labels.append(label)
            } else {
                unlisted[raw, default: (0, row)].points += 1
                labels.append(Cloud.ignored)
            }
        }
        guard unlisted.isEmpty else {
            let listed = unlisted.keys.sorted().prefix(8).map { raw in
                let (points, first) = unlisted[raw] ?? (0, 0)
                return "\(raw) (\(points) points, the first is \(column.location(of: first)))"
            }
            throw SourceError(
                "The file \(column.table.file) has labels that are no class: "
                    + "\(Array(listed).listed()); name them under data.classes, or ignore them "
                    + "there.")
        }
        return labels
    }
}
