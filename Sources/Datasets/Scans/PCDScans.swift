import Formats

/// PCD files as scenes.
struct PCDFormat: ScanFormat {
    let kind = SceneList.Kind.files([".pcd"])

    func fieldNames(of path: String) throws -> [String] { try PCDFile(path).names }

    func records(of path: String) throws -> PointRecords {
        try PointRecords(path: path, [PCDFile(path).points()])
    }
}

/// Points in PCD files: text, binary, or packed.
enum PCDScans {
    /// The source `pcd`, with options as of ``ScanSource``.
    static func open(_ settings: DataSettings, split: Split) throws -> any SceneSource {
        try ScanSource("pcd", settings, split: split, format: PCDFormat())
    }
}
