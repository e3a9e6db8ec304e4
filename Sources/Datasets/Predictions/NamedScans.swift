import Archives
import Formats
import Foundation
package import PointClouds

/// Individually named scans of any supported format: KITTI's and nuScenes' `.bin`, LAS, LAZ, PLY,
/// PCD, `.npz`, `.npy`, and folders in Pointcept's layout.
///
/// Fields and ranges are those of a given data set; without one they are detected and stated in
/// notes. Labels in the files are not read.
package struct NamedScans: Sendable {
    private struct Item: Sendable {
        let path: String
        let name: String
        /// The source that reads the scan; nil for `.bin`.
        let source: (any SceneSource)?
    }

    private let items: [Item]
    /// Sentences about settings detected in the files.
    package let notes: [String]

    /// Opens scans; only their headers are read.
    ///
    /// - Parameter settings: the data set whose fields, channels and options apply.
    package init(_ paths: [String], like settings: DataSettings?) throws {
        var names: [String: String] = [:]
        var notes: [String] = []
        items = try paths.map { path in
            let place = URL(fileURLWithPath: path)
            let kind = ScanKind(path)
            var name = place.deletingPathExtension().lastPathComponent
            // The files end in .pcd.bin, of which one extension has been removed.
            if kind == .nuScenes, name.hasSuffix(".pcd") { name.removeLast(4) }
            // Predictions are written by name alone: the second file would replace the first.
            if let other = names.updateValue(path, forKey: name) {
                throw SourceError(
                    "The scans \(other) and \(path) are both called \(name): label them one after "
                        + "the other, into folders of their own.")
            }
            guard kind != .kitti, kind != .nuScenes else {
                return Item(path: path, name: name, source: nil)
            }
            guard Folders.exists(path) else {
                throw SourceError(
                    "The file \(path) cannot be read: check that it exists and its permissions.")
            }
            // Labels are not read, so any class list serves.
            let source = try Self.source(
                of: place, like: settings,
                classes: ClassList([.init("any", from: [Int.min])], ignoresRest: true))
            if notes.isEmpty { notes = source.notes }
            return Item(path: path, name: name, source: source)
        }
        self.notes = notes
    }

    /// The number of scans.
    package var count: Int { items.count }

    /// The name of a scan's file without its suffix.
    package func name(of index: Int) -> String { items[index].name }

    /// The path of a scan.
    package func file(of index: Int) -> String { items[index].path }

    /// Reads a scan.
    package func scene(at index: Int) throws -> Cloud {
        if let source = items[index].source {
            var cloud = try source.scene(at: 0)
            cloud.labels = []
            return cloud
        }
        return ScanKind(items[index].path) == .nuScenes
            ? try NuScenes.scan(items[index].path) : try ScanFile.read(items[index].path)
    }

    /// A source of one scan, with given classes.
    static func source(
        of place: URL, like given: DataSettings?, classes: ClassList
    ) throws -> any SceneSource {
        let name =
            switch place.pathExtension.lowercased() {
            case "las", "laz": "las"
            case "ply": "ply"
            case "pcd": "pcd"
            default: "folder"
            }
        var settings = DataSettings(source: name, path: place.deletingLastPathComponent().path)
        if let given {
            settings.fields = given.fields
            settings.channels = given.channels
            settings.options = given.options
        }
        settings.sequences.test = [place.lastPathComponent]
        settings.classes = .listed(classes)
        return try SourceCatalogue.open(settings, split: .test)
    }
}
