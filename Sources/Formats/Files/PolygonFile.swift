package import PointClouds
import ZipArchives

/// Coloured point clouds for viewers (MeshLab, CloudCompare, Open3D): binary little-endian PLY.
package enum PolygonFile {
    /// Writes x, y, z, red, green, blue and label of each point atomically.
    ///
    /// Positions are relative to the cloud's origin, which is written as a header comment: viewers
    /// read Float32, in which geographic coordinates would lose their decimals.
    ///
    /// - Parameters:
    ///   - labels: labels to write instead of the cloud's own, for example predictions.
    ///   - palette: a colour for each class; other labels get `Palette.ignored`.
    package static func write(
        _ cloud: Cloud, labels: [Int32]? = nil, palette: [Palette.Colour], to path: String
    ) throws {
        let labels = labels ?? cloud.labels
        guard labels.isEmpty || labels.count == cloud.count else {
            throw SourceError(
                "\(labels.count) labels cannot be written to \(path) with \(cloud.count) points: "
                    + "give one label per point.")
        }
        var bytes = Array(header(of: cloud).utf8)
        // 19 bytes per point: three Float32, three colour bytes and a 32-bit label.
        bytes.reserveCapacity(bytes.count + cloud.count * 19)
        for (index, position) in cloud.positions.enumerated() {
            for axis in 0..<3 { bytes.append(word: position[axis].bitPattern) }
            let label = labels.isEmpty ? Cloud.ignored : labels[index]
            let colour =
                palette.indices.contains(Int(label)) ? palette[Int(label)] : Palette.ignored
            for axis in 0..<3 { bytes.append(colour[axis]) }
            bytes.append(word: UInt32(bitPattern: label))
        }
        try DataFile.write(bytes, to: path)
    }

    private static func header(of cloud: Cloud) -> String {
        """
        ply
        format binary_little_endian 1.0
        comment origin \(cloud.origin.x) \(cloud.origin.y) \(cloud.origin.z)
        element vertex \(cloud.count)
        property float x
        property float y
        property float z
        property uchar red
        property uchar green
        property uchar blue
        property int label
        end_header

        """
    }
}
