package import PointClouds
import ZipArchives

/// KITTI's `.bin` scans: four little-endian Float32 per point, x, y, z (metres) and remission.
package enum ScanFile {
    /// Reads the points of a scan with their channel `intensity`.
    ///
    /// Throws `SourceError` for a truncated file and for a value that is not finite.
    package static func read(_ path: String) throws -> Cloud {
        let file = try DataFile(path: path, recordSize: 16, of: "points")
        var positions: [SIMD3<Float>] = []
        var intensities: [Float] = []
        positions.reserveCapacity(file.wordCount / 4)
        intensities.reserveCapacity(file.wordCount / 4)
        var point = SIMD3<Float>()
        try file.forEachWord { index, word in
            let value = Float(bitPattern: word)
            let field = index & 3
            guard value.isFinite else {
                throw SourceError(
                    "The file \(path) has \(value) as the \(["x", "y", "z", "remission"][field]) "
                        + "of point \(index / 4), at byte \(index * 4): remove the scan or "
                        + "export it again.")
            }
            if field < 3 {
                point[field] = value
                return
            }
            positions.append(point)
            intensities.append(value)
        }
        return Cloud(
            positions: positions, channels: [.init(name: "intensity", values: intensities)])
    }

    /// Writes the positions and the channel `intensity` (0 where the cloud has none) atomically.
    package static func write(_ cloud: Cloud, to path: String) throws {
        let intensities = cloud[channel: "intensity"]?.values
        var bytes: [UInt8] = []
        bytes.reserveCapacity(cloud.count * 16)
        for (index, position) in cloud.positions.enumerated() {
            for axis in 0..<3 { bytes.append(word: position[axis].bitPattern) }
            bytes.append(word: (intensities?[index] ?? 0).bitPattern)
        }
        try DataFile.write(bytes, to: path)
    }
}
