import Archives
import Formats
import Foundation
import PointClouds

/// Predicted classes in the format of the scan they are for.
///
/// - `.las`, `.laz`: the scan with other classifications, all else as it was;
/// - `.ply`, `.pcd`: the scan with other labels, or one more property or field `label`;
/// - nuScenes' `.pcd.bin`: `_lidarseg.bin`, a byte a point;
/// - other `.bin`: SemanticKITTI's `.label`;
/// - anything else: `.npy`, an int32 a point.
package enum PredictionFile {
    /// Writes the predictions for a scan and returns the file's path.
    ///
    /// - Parameters:
    ///   - numbers: what files have for the class of each point, in the scan's order.
    ///   - original: the scan; nil for one that was never a file.
    ///   - label: what such files call labels, where a recipe says so.
    ///   - base: the path to write to, without what tells the format.
    @discardableResult
    package static func write(
        _ numbers: [Int], like original: String?, label: String? = nil, to base: String
    ) throws -> String {
        switch ScanKind(original) {
        case .las(let suffix):
            let path = try free(base + suffix, original)
            try LASWriter.write(classifications: numbers, like: original ?? "", to: path)
            return path
        case .ply:
            let path = try free(base + ".ply", original)
            try PLYWriter.write(classes: numbers, like: original ?? "", field: label, to: path)
            return path
        case .pcd:
            let path = try free(base + ".pcd", original)
            try PCDWriter.write(classes: numbers, like: original ?? "", field: label, to: path)
            return path
        case .nuScenes:
            let bytes = try numbers.enumerated().map { row, number in
                guard let byte = UInt8(exactly: number) else {
                    throw SourceError(
                        "Point \(row) of the predictions for \(original ?? base) has class "
                            + "\(number), but nuScenes writes 0 to 255.")
                }
                return byte
            }
            try DataFile.write(bytes, to: base + "_lidarseg.bin")
            return base + "_lidarseg.bin"
        case .kitti:
            try LabelFile.write(
                numbers.map { UInt32(truncatingIfNeeded: $0) }, to: base + ".label")
            return base + ".label"
        case .other:
            let path = try free(base + ".npy", original)
            try NumPyWriter.write(numbers.map { Int32(truncatingIfNeeded: $0) }, to: path)
            return path
        }
    }

    /// What a file of predictions, or of labels in such a format, has for the class of each point.
    ///
    /// `.label` (of whose words the low half counts), `_lidarseg.bin`, `.npy` of whole numbers, and
    /// `.las`, `.laz`, `.ply`, `.pcd` with a field of labels.
    package static func read(_ path: String) throws -> [Int] {
        let name = path.lowercased()
        if name.hasSuffix(".label") { return try LabelFile.read(path).map { Int($0 & 0xFFFF) } }
        if name.hasSuffix(".npy") {
            let table = try NumPyArray.read(path, name: "label")
            guard table.fields.count == 1 else {
                throw SourceError(
                    "\(path) has \(table.fields.count) values a point: labels are one.")
            }
            return try table.values(of: table.fields[0]).enumerated().map { row, value in
                guard let number = Int(exactly: value) else {
                    throw SourceError("\(path) has \(value) for point \(row), which is no label.")
                }
                return number
            }
        }
        if name.hasSuffix("_lidarseg.bin") { return try InputFile(path).all().map { Int($0) } }
        guard [".las", ".laz", ".ply", ".pcd"].contains(where: { name.hasSuffix($0) }) else {
            throw SourceError(
                "\(path) is no file of labels: give a .label, _lidarseg.bin, .npy, .las, .laz, "
                    + ".ply or .pcd file.")
        }
        let source = try NamedScans.source(
            of: URL(fileURLWithPath: path), like: nil, classes: ClassLists.numbers())
        let labels = try source.scene(at: 0).labels
        guard !labels.isEmpty else { throw SourceError("\(path) has no field of labels.") }
        return labels.map { Int($0) }
    }

    /// The path, unless it is the scan's own.
    private static func free(_ path: String, _ original: String?) throws -> String {
        let places = [path, original ?? ""].map {
            URL(fileURLWithPath: $0).standardizedFileURL.resolvingSymlinksInPath().path
        }
        guard places[0] != places[1] else {
            throw SourceError(
                "The predictions for \(path) would take the scan's own place: name another "
                    + "folder to write to.")
        }
        return path
    }
}

/// What a scan's name says of its format.
enum ScanKind: Equatable {
    case kitti
    case nuScenes
    /// With the suffix as the file spells it.
    case las(String)
    case ply
    case pcd
    case other

    init(_ path: String?) {
        guard let path else {
            self = .kitti
            return
        }
        let name = path.lowercased()
        if name.hasSuffix(".las") || name.hasSuffix(".laz") {
            self = .las(String(path.suffix(4)))
        } else if name.hasSuffix(".ply") {
            self = .ply
        } else if name.hasSuffix(".pcd") {
            self = .pcd
        } else if name.hasSuffix(".pcd.bin") {
            self = .nuScenes
        } else {
            self = name.hasSuffix(".bin") ? .kitti : .other
        }
    }
}
