import Files
import Formats
import Foundation
import PointClouds
import ZipArchives

/// Files of predicted classes, in the format of their scan.
///
/// - `.las`, `.laz`: a copy of the scan with the predicted classifications;
/// - `.ply`, `.pcd`: a copy of the scan with the predicted labels, in a property or field `label`
///   if the scan has no labels;
/// - nuScenes' `.pcd.bin`: `_lidarseg.bin`, one byte per point;
/// - other `.bin`: SemanticKITTI's `.label`;
/// - other formats: `.npy`, one int32 per point.
package enum PredictionFile {
    /// Writes the predictions for a scan and returns the file's path.
    ///
    /// - Parameters:
    ///   - numbers: the number of each point's class in files, in the scan's order.
    ///   - original: the scan's file; nil for a generated scan.
    ///   - label: the name of the field of labels, if a recipe states it.
    ///   - base: the path to write to, without its suffix.
    @discardableResult
    package static func write(
        _ numbers: [Int], like original: String?, label: String? = nil, to base: String
    ) throws -> String {
        switch ScanKind(original) {
        case .las(let suffix):
            // LAZ stays LAZ: predictions would otherwise take more disk than the scans themselves.
            let path = try free(base + suffix, original)
            return try LASWriter.write(
                classifications: numbers, like: original ?? "", to: path)
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
                // The format has one byte per point: a truncated number would be another class.
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
            // Words of 32 bits, as published: predictions use the lower half and leave instances 0.
            try LabelFile.write(
                numbers.map { UInt32(truncatingIfNeeded: $0) }, to: base + ".label")
            return base + ".label"
        case .other:
            let path = try free(base + ".npy", original)
            try NumPyWriter.write(numbers.map { Int32(truncatingIfNeeded: $0) }, to: path)
            return path
        }
    }

    /// Reads the number of each point's class from a file of predictions or labels.
    ///
    /// Supported files are `.label` (the lower half of each word), `_lidarseg.bin`, `.npy` of
    /// integers, and `.las`, `.laz`, `.ply`, `.pcd` with a field of labels.
    package static func read(_ path: String) throws -> [Int] {
        let file = try InputFile(path)
        try file.refuseForeign(as: "a file of labels")
        let name = path.lowercased()
        switch try file.signature() {
        case .numPyArray: return try numbers(ofArray: path)
        case .las, .ply, .pcd: break
        default:
            // The upper 16 bits are instances, which predictions do not have.
            if name.hasSuffix(".label") {
                return try LabelFile.read(path).map { Int($0 & 0xFFFF) }
            }
            if name.hasSuffix("_lidarseg.bin") { return try file.all().map { Int($0) } }
            if name.hasSuffix(".npy") { return try numbers(ofArray: path) }
            guard [".las", ".laz", ".ply", ".pcd"].contains(where: { name.hasSuffix($0) }) else {
                throw SourceError(
                    "\(path) is no file of labels: give a .label, _lidarseg.bin, .npy, .las, "
                        + ".laz, .ply or .pcd file.")
            }
        }
        return try numbers(ofField: path)
    }

    /// The numbers in the field of labels of a LAS, PLY or PCD file; other fields are not judged.
    private static func numbers(ofField path: String) throws -> [Int] {
        let format: any ScanFormat
        var known = FieldNames.label
        switch ScanKind(path) {
        case .las:
            format = LASFormat()
            // Extra bytes may have any name; predictions are classifications.
            known = ["classification"]
        case .ply: format = PLYFormat()
        default: format = PCDFormat()
        }
        let records = try format.records(of: path)
        let names = records.names
        let field = known.lazy.compactMap { known in
            names.first { $0 == known } ?? names.first { $0.lowercased() == known }
        }.first
        guard let field, let column = records[field] else {
            throw SourceError(
                "\(path) has no field of labels by a known name: it has "
                    + "\(names.map { "'\($0)'" }.listed()).")
        }
        try records.check([field])
        // Not by a list of classes, which would lose the numbers that it does not contain.
        return try numbers(column.table.values(of: column.field), of: path)
    }

    private static func numbers(ofArray path: String) throws -> [Int] {
        let table = try NumPyArray.read(path, name: "label")
        guard table.fields.count == 1 else {
            throw SourceError(
                "\(path) has \(table.fields.count) values a point: labels are one.")
        }
        return try numbers(table.values(of: table.fields[0]), of: path)
    }

    private static func numbers(_ values: [Double], of path: String) throws -> [Int] {
        try values.enumerated().map { row, value in
            guard let number = Int(exactly: value) else {
                throw SourceError("\(path) has \(value) for point \(row), which is no label.")
            }
            return number
        }
    }

    /// Returns the path; throws if it is the scan's own.
    private static func free(_ path: String, _ original: String?) throws -> String {
        let places = [path, original ?? ""].map {
            URL(fileURLWithPath: $0).standardizedFileURL.resolvingSymlinksInPath().path
        }
        // Links are resolved first: a scan must not be overwritten under its other name.
        guard places[0] != places[1] else {
            throw SourceError(
                "The predictions for \(path) would take the scan's own place: name another "
                    + "folder to write to.")
        }
        return path
    }
}
