package import PointClouds

/// A scene as it was read, with what was left out or changed on the way.
package struct ReadScene: Sendable {
    /// Findings about a channel with values from 0 to 1.
    package struct Range: Sendable, Equatable {
        /// Largest value before it was divided by the full scale.
        package var largest = 0.0
        /// Number of values outside the full scale that were clamped.
        package var clamped = 0
        /// The full scale.
        package let full: Double

        /// Findings about no value.
        package init(full: Double) { self.full = full }
    }

    /// The points.
    package var cloud: Cloud
    /// Rows of the file's records that the points come from; nil if no record was left out.
    package var rows: [Int32]?
    /// Number of records in the file.
    package var records: Int
    /// Findings by channel.
    package var ranges: [String: Range] = [:]

    /// A scene without findings.
    package init(cloud: Cloud, rows: [Int32]? = nil, records: Int? = nil) {
        self.cloud = cloud
        self.rows = rows
        self.records = records ?? cloud.count
    }

    /// Number of records that were left out.
    package var dropped: Int { records - cloud.count }

    /// Values of the points, put back into the file's order; records that were left out have
    /// `other`.
    package func restored<Value>(_ values: [Value], else other: Value) -> [Value] {
        guard let rows else { return values }
        var all = [Value](repeating: other, count: records)
        for (value, row) in zip(values, rows) { all[Int(row)] = value }
        return all
    }
}
