import Formats
import ZipArchives

/// ScanNet v2: rooms scanned with a depth camera (Dai et al., "ScanNet: richly-annotated 3D
/// reconstructions of indoor scenes", CVPR 2017).
///
/// The data are either as downloaded, `scans/scene0000_00/scene0000_00_vh_clean_2.ply` with its
/// `.labels.ply`, split by the benchmark's lists `scannetv2_train.txt` and `scannetv2_val.txt`
/// beside `scans`; or in Pointcept's layout, `train/scene0000_00/coord.npy`, `segment20.npy` and so
/// on. Options: see ``ScanSource``.
enum ScanNet {
    static func open(_ settings: DataSettings, split: Split) throws -> any SceneSource {
        let root = try SceneList.root(of: settings)
        if ["scans", "scans_test"].contains(where: { Folders.isFolder(root + "/" + $0) }) {
            let defaults = ScanSource.Defaults(
                classes: ClassLists.scanNetNYU, centres: true,
                folders: { split in
                    switch split {
                    case .training: ["scannetv2_train.txt"]
                    case .validation: ["scannetv2_val.txt"]
                    case .test: ["scans_test"]
                    }
                })
            return try ScanSource(
                "scannet", settings, split: split, format: ScanNetRooms(), defaults: defaults)
        }
        var settings = settings
        let label = settings.fields["label"] ?? ["segment20"]
        settings.fields["label"] = label
        return try ScanSource(
            "scannet", settings, split: split,
            format: NumPyScenes(label: label[0], requested: settings.namedArrays),
            defaults: .init(classes: ClassLists.scanNet, centres: true))
    }
}

/// The format of a room of ScanNet: a mesh whose vertices are the points, and one with their
/// labels.
struct ScanNetRooms: ScanFormat {
    private static let mesh = "_vh_clean_2.ply"
    private static let labels = "_vh_clean_2.labels.ply"

    let kind = SceneList.Kind(
        plural: "rooms (folders with a …\(mesh))", suffixes: [], below: ["scans", "scans_test"]
    ) { path in Folders.exists(file(mesh, of: path)) }

    private static func file(_ suffix: String, of path: String) -> String {
        path + "/" + (path.split(separator: "/").last ?? "") + suffix
    }

    func fieldNames(of path: String) throws -> [String] {
        let labels = Self.file(Self.labels, of: path)
        return try PLYFile(Self.file(Self.mesh, of: path)).names
            + (Folders.exists(labels) ? ["label"] : [])
    }

    func records(of path: String) throws -> PointRecords {
        let mesh = try PLYFile(Self.file(Self.mesh, of: path)).points().table
        let labels = Self.file(Self.labels, of: path)
        guard Folders.exists(labels) else { return try PointRecords(path: path, [mesh]) }
        let table = try PLYFile(labels).points().table
        // The second mesh repeats the coordinates; its colours stand for classes.
        guard let label = table["label"] else {
            throw SourceError(
                "The file \(labels) has no 'label': take it from ScanNet's download.")
        }
        let only = RecordTable(
            file: labels, bytes: table.bytes, start: table.start, stride: table.stride,
            count: table.count, fields: [label], location: table.location)
        return try PointRecords(path: path, [mesh, only])
    }
}
