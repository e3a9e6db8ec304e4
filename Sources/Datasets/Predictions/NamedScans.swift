import Archives
import Formats
import Foundation
package import PointClouds

/// Scans that are named one by one, of any format that is read: KITTI's and nuScenes' `.bin`, LAS,
/// LAZ, PLY, PCD, `.npz`, `.npy`, and folders in Pointcept's layout.
///
/// Fields and ranges are those of a data set, if one is given, else found as for a set of one's own
/// and stated; labels that the files may have are left aside.
package struct NamedScans: Sendable {
    private struct Item: Sendable {
        let path: String
        let name: String
        /// The source that reads it; nil for `.bin`.
        let source: (any SceneSource)?
    }

    private let items: [Item]
    /// What was found out about the files: sentences for people.
    package let notes: [String]

    /// The named scans; their headers are read, and no point.
    ///
    /// - Parameter settings: the data set whose fields, channels and options count.
    package init(_ paths: [String], like settings: DataSettings?) throws {
        var names: [String: String] = [:]
        var notes: [String] = []
        items = try paths.map { path in
            let place = URL(fileURLWithPath: path)
            let kind = ScanKind(path)
            var name = place.deletingPathExtension().lastPathComponent
            if kind == .nuScenes, name.hasSuffix(".pcd") { name.removeLast(4) }
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
            // Whatever labels there are, none is looked at.
            let source = try Self.source(
                of: place, like: settings,
                classes: ClassList([.init("any", from: [Int.min])], ignoresRest: true))
            if notes.isEmpty { notes = source.notes }
            return Item(path: path, name: name, source: source)
        }
        self.notes = notes
    }

    /// How many.
    package var count: Int { items.count }

    /// The name of a scan's file, without what tells the format.
    package func name(of index: Int) -> String { items[index].name }

    /// Where a scan lies.
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

    /// A source of one scan, read as a data set is, with other classes.
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
