import Foundation

/// A scan of the report's viewer: positions in 16 bits per axis, a byte per label.
package struct ViewedScan: Sendable {
    /// The scan's name.
    package var name: String
    /// Positions in metres.
    package var positions: [SIMD3<Float>]
    /// Labels by their source: `truth`, then the models; -1 for unlabelled points.
    package var labels: [(name: String, labels: [Int32])]

    /// A scan with labels from several sources.
    package init(
        name: String, positions: [SIMD3<Float>], labels: [(name: String, labels: [Int32])]
    ) {
        self.name = name
        self.positions = positions
        self.labels = labels
    }

    /// The maximum number of points; of larger scans an even selection is shown.
    // Four scans of this size keep a report below 3 MB.
    package static let maximumPoints = 40_000

    /// The form that the page's script reads.
    struct Encoded: Encodable {
        var name: String
        var count: Int
        var low: [Float]
        var step: Float
        /// Base64 of three little-endian 16-bit numbers per point.
        var positions: String
        /// Base64 of a byte per point; 255 for unlabelled points.
        var labels: [[String]]
    }

    var encoded: Encoded {
        let shown =
            positions.count <= Self.maximumPoints
            ? Array(positions.indices)
            : (0..<Self.maximumPoints).map { $0 * positions.count / Self.maximumPoints }
        var (low, high) = (SIMD3<Float>(repeating: .infinity), -SIMD3<Float>(repeating: .infinity))
        for index in shown {
            low = pointwiseMin(low, positions[index])
            high = pointwiseMax(high, positions[index])
        }
        // All axes share one step, so that shapes keep their proportions.
        // The lower bound serves scans of a single point, which have no extent.
        let step = max((high - low).max() / 65_535, 1e-6)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(6 * shown.count)
        for index in shown {
            let cells = ((positions[index] - low) / step).rounded(.toNearestOrEven)
            for axis in 0..<3 {
                let cell = UInt16(min(max(cells[axis], 0), 65_535))
                bytes.append(UInt8(cell & 255))
                bytes.append(UInt8(cell >> 8))
            }
        }
        return Encoded(
            name: name, count: shown.count, low: [low.x, low.y, low.z], step: step,
            positions: Data(bytes).base64EncodedString(),
            labels: labels.map { name, labels in
                let bytes = shown.map { UInt8(exactly: labels[$0]) ?? 255 }
                return [name, Data(bytes).base64EncodedString()]
            })
    }
}
