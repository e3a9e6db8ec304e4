import Foundation

/// A scan as the report's viewer shows it: places in 16 bits an axis, a byte a label.
package struct ViewedScan: Sendable {
    /// What it is called.
    package var name: String
    /// Metres.
    package var positions: [SIMD3<Float>]
    /// Labels under the names of those who gave them: `truth`, then models; -1 for none.
    package var labels: [(name: String, labels: [Int32])]

    /// A scan with labels of several origins.
    package init(
        name: String, positions: [SIMD3<Float>], labels: [(name: String, labels: [Int32])]
    ) {
        self.name = name
        self.positions = positions
        self.labels = labels
    }

    /// A scan of more points is shown by an even choice of as many.
    package static let most = 40_000

    /// What the page's script reads.
    struct Encoded: Encodable {
        var name: String
        var count: Int
        var low: [Float]
        var step: Float
        /// Base64 of three little-endian 16-bit numbers a point.
        var positions: String
        /// Base64 of a byte a point; 255 for none.
        var labels: [[String]]
    }

    var encoded: Encoded {
        let shown =
            positions.count <= Self.most
            ? Array(positions.indices)
            : (0..<Self.most).map { $0 * positions.count / Self.most }
        var (low, high) = (SIMD3<Float>(repeating: .infinity), -SIMD3<Float>(repeating: .infinity))
        for index in shown {
            low = pointwiseMin(low, positions[index])
            high = pointwiseMax(high, positions[index])
        }
        // One step for all axes: shapes stay as they are.
        let step = max((high - low).max() / 65_535, 1e-6)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(6 * shown.count)
        for index in shown {
            let place = ((positions[index] - low) / step).rounded(.toNearestOrEven)
            for axis in 0..<3 {
                let cell = UInt16(min(max(place[axis], 0), 65_535))
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
