package import PointClouds
import ZipArchives

/// Converts records to clouds: centres coordinates in Float64, scales channels and maps class numbers
/// to labels.
///
/// An unusable number is reported with its point and location.
package struct PointInterpreter: Sendable {
    package let plan: FieldPlan
    /// Full scales by channel.
    package let scales: [String: FullScale]
    /// Whether positions are relative to the middle of the scene.
    package let centres: Bool
    /// Whether points whose coordinates are not finite are left out, as an option of a source.
    package let dropsInvalid: Bool
    /// Place of the settings, for messages.
    package let place: SettingsPlace
    /// Advice on a label without a class.
    package let adviceOnLabels: String

    /// The option of ``dropsInvalid``.
    package static let dropOption = "drop-invalid"

    /// Creates an interpreter of records that have every field of the plan.
    package init(
        plan: FieldPlan, scales: [String: FullScale], centres: Bool, dropsInvalid: Bool = false,
        place: SettingsPlace = .recipe,
        adviceOnLabels: String = "list or ignore them under data.classes"
    ) {
        self.plan = plan
        self.scales = scales
        self.centres = centres
        self.dropsInvalid = dropsInvalid
        self.place = place
        self.adviceOnLabels = adviceOnLabels
    }

    /// Channels of every cloud.
    package var channels: [ChannelSpecification] {
        plan.channels.map { ChannelSpecification($0.name, width: $0.fields.count) }
    }

    /// Statement about files without a field of labels.
    package static let noLabels = "there are no labels"

    /// Statements about fields and scales that were determined rather than set by the recipe.
    package var notes: [String] {
        var notes = ["x, y, z are \(plan.position.map { "'\($0)'" }.listed())"]
        notes.append(plan.label.map { "labels are '\($0)'" } ?? Self.noLabels)
        for channel in plan.channels {
            let scale = scales[channel.name]
            // A determined scale names the fields, a stated one only the number.
            if scale?.isStated ?? true, channel.fields != [channel.name] {
                notes.append("\(channel.name) is \(channel.fields.map { "'\($0)'" }.listed())")
            }
            if let scale { notes.append(scale.reason) }
        }
        if centres { notes.append("positions are relative to the middle of each scene") }
        return notes
    }

    /// Converts records that have every field of the plan; only the label may be missing.
    ///
    /// - Parameter label: maps a class number to its label; nil for a number that is not a class.
    package func cloud(
        from records: PointRecords, label: (_ number: Int) -> Int32?
    ) throws -> Cloud {
        try scene(from: records, label: label).cloud
    }

    /// Converts records, and reports what was left out or changed on the way.
    package func scene(
        from records: PointRecords, label: (_ number: Int) -> Int32?
    ) throws -> ReadScene {
        let kept = try keptRows(of: records)
        let (positions, origin) = try self.positions(of: records, kept)
        var scene = ReadScene(
            cloud: Cloud(positions: positions, origin: origin), rows: kept, records: records.count)
        for channel in plan.channels {
            let (values, findings) = try self.channel(channel, of: records, kept)
            scene.cloud.channels.append(values)
            if let findings { scene.ranges[channel.name] = findings }
        }
        if let column = plan.label.flatMap({ records[$0] }) {
            let labels = try labels(in: column, label)
            scene.cloud.labels = kept.map { $0.map { labels[Int($0)] } } ?? labels
        }
        return scene
    }

    /// Records with finite coordinates; nil for all of them.
    private func keptRows(of records: PointRecords) throws -> [Int32]? {
        guard dropsInvalid else { return nil }
        var isFinite = [Bool](repeating: true, count: records.count)
        for name in plan.position {
            let column = try column(name, of: records)
            column.table.forEach(column.field) { row, value in
                if !value.isFinite { isFinite[row] = false }
            }
        }
        // Most scans have no such point, and are then read without an extra copy.
        guard isFinite.contains(false) else { return nil }
        return isFinite.indices.compactMap { isFinite[$0] ? Int32($0) : nil }
    }

    private func column(_ name: String, of records: PointRecords) throws -> PointRecords.Column {
        guard let column = records[name] else {
            throw SourceError(
                "The file \(records.path) has no '\(name)', unlike other files of its data set: it "
                    + "has \(records.names.map { "'\($0)'" }.listed()).")
        }
        try records.check([name])
        return column
    }

    private func rejection(
        of column: PointRecords.Column, _ row: Int, _ value: Double, _ advice: String
    ) -> SourceError {
        SourceError(
            "The file \(column.table.file) has \(number(value)) as the '\(column.field.name)' of "
                + "\(column.location(of: row)): \(advice).")
    }

    // MARK: - Positions

    private func positions(
        of records: PointRecords, _ kept: [Int32]?
    ) throws -> (positions: [SIMD3<Float>], origin: SIMD3<Double>) {
        let columns = try plan.position.map { try column($0, of: records) }
        var axes: [[Double]] = []
        for column in columns {
            var values: [Double] = []
            values.reserveCapacity(records.count)
            try column.table.forEach(column.field) { row, value in
                guard value.isFinite || kept != nil else {
                    throw rejection(
                        of: column, row, value,
                        "\(place.setting(Self.dropOption, to: "true")) to leave such points out, "
                            + "or export the scan again")
                }
                values.append(value)
            }
            axes.append(kept.map { $0.map { values[Int($0)] } } ?? values)
        }
        let origin = centres ? Cloud.middle(of: axes) : .zero
        let limit = centres ? Cloud.largestDistance : Cloud.largestCoordinate
        for (axis, column) in columns.enumerated() {
            let isBeyond = axes[axis].contains { abs($0 - origin[axis]) > limit }
            guard isBeyond else { continue }
            let (row, advice) = strayPoint(in: axes[axis], origin: origin[axis], limit: limit)
            throw rejection(
                of: column, kept.map { Int($0[row]) } ?? row, axes[axis][row], advice)
        }
        // The origin is subtracted before rounding to Float32: geographic coordinates have seven
        // digits before the decimal point, all that Float32 can represent.
        let positions = axes[0].indices.map { row in
            SIMD3<Float>(SIMD3(axes[0][row], axes[1][row], axes[2][row]) - origin)
        }
        return (positions, origin)
    }

    /// Finds the point that makes a scene too large, and the advice on it.
    ///
    /// - Parameter values: coordinates of which one is farther from `origin` than `limit`.
    private func strayPoint(
        in values: [Double], origin: Double, limit: Double
    ) -> (row: Int, advice: String) {
        // A single stray point moves the middle of the box by half its distance, so that all other
        // points would be blamed; it does not move the median.
        let median = values.sorted()[values.count / 2]
        let stray = values.firstIndex { abs($0 - median) > limit }
        let remedy = "remove the point or export the scan again"
        if centres {
            return (
                stray ?? values.firstIndex { abs($0 - origin) > limit } ?? 0,
                "half of the points are near \(number(median.rounded())), and a point can be at most "
                    + "\(Int(limit)) m from the others because Float32 loses centimetres beyond, so "
                    + remedy
            )
        }
        if let stray, abs(median) <= limit {
            return (
                stray,
                "half of the points are near \(number(median.rounded())), and Float32 loses "
                    + "millimetres beyond \(Int(limit)) m, so \(remedy)"
            )
        }
        return (
            values.firstIndex { abs($0) > limit } ?? 0,
            "Float32 loses millimetres so far from zero, \(place.setting("centre", to: "true")) "
                + "for positions relative to the middle of each scene"
        )
    }

    // MARK: - Channels and labels

    private func channel(
        _ channel: FieldPlan.Channel, of records: PointRecords, _ kept: [Int32]?
    ) throws -> (channel: Cloud.Channel, range: ReadScene.Range?) {
        let width = channel.fields.count
        var values = [Float](repeating: 0, count: records.count * width)
        let scale = scales[channel.name]
        var range = ReadScene.Range(full: scale?.value ?? 1)
        for (place, name) in channel.fields.enumerated() {
            let column = try column(name, of: records)
            var next = 0
            try column.table.forEach(column.field) { row, value in
                // A dropped point has no values that could be unusable.
                if let kept {
                    guard next < kept.count, Int(kept[next]) == row else { return }
                    next += 1
                }
                var value = value
                guard value.isFinite, Float(value).isFinite else {
                    throw rejection(
                        of: column, row, value,
                        self.place == .recipe
                            ? "omit the channel by naming the others under data.channels, or "
                                + "repair the file"
                            : "the model reads this value, so repair the file")
                }
                if let scale {
                    range.largest = max(range.largest, value)
                    value /= scale.value
                    if scale.isStated {
                        if value < 0 || value > 1 { range.clamped += 1 }
                        value = max(0, min(1, value))
                    } else if value < 0 || value > 1 {
                        throw rejection(
                            of: column, row, value * scale.value,
                            "\(channel.name) was assumed to be between 0 and "
                                + "\(number(scale.value)), so "
                                + self.place.setting(
                                    FullScale.options[channel.name] ?? "range", to: "NUMBER"))
                    }
                }
                values[row * width + place] = Float(value)
            }
        }
        if let kept {
            values = kept.flatMap { values[Int($0) * width..<Int($0) * width + width] }
        }
        return (
            Cloud.Channel(name: channel.name, width: width, values: values),
            scale == nil ? nil : range
        )
    }

    private func labels(
        in column: PointRecords.Column, _ label: (_ number: Int) -> Int32?
    ) throws -> [Int32] {
        if let flaw = column.table.flaws[column.field.name] { throw flaw }
        var labels: [Int32] = []
        labels.reserveCapacity(column.table.count)
        var unlisted: [Int: (points: Int, first: Int)] = [:]
        try column.table.forEach(column.field) { row, value in
            guard let raw = Int(exactly: value) else {
                throw rejection(of: column, row, value, "labels must be integers")
            }
            if let label = label(raw) {
                labels.append(label)
            } else {
                // Collected rather than thrown: one message lists every unknown number.
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
                "The file \(column.table.file) has labels without a class: "
                    + "\(Array(listed).listed()); \(adviceOnLabels).")
        }
        return labels
    }
}
