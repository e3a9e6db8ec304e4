import Formats

/// The format of PCD files.
struct PCDFormat: ScanFormat {
    let kind = SceneList.Kind.files([".pcd"])

    func fieldNames(of path: String) throws -> [String] { try PCDFile(path).names }

    func records(of path: String) throws -> PointRecords {
        try PointRecords(path: path, [PCDFile(path).points()])
    }
}

/// Scans in PCD files: text, binary or compressed.
enum PCDScans {
    /// Opens the source `pcd`, whose options are those of ``ScanSource``.
    static func open(_ settings: DataSettings, split: Split) throws -> any SceneSource {
        try ScanSource("pcd", settings, split: split, format: PCDFormat())
    }
}
