import Formats

/// The format of PLY files.
struct PLYFormat: ScanFormat {
    let kind = SceneList.Kind.files([".ply"])

    func fieldNames(of path: String) throws -> [String] { try PLYFile(path).names }

    func records(of path: String) throws -> PointRecords {
        try PointRecords(path: path, [PLYFile(path).points().table])
    }
}

/// Scans in PLY files: text, or binary of either byte order, with properties of any name.
enum PLYScans {
    /// Opens the source `ply`, whose options are those of ``ScanSource``.
    static func open(_ settings: DataSettings, split: Split) throws -> any SceneSource {
        try ScanSource("ply", settings, split: split, format: PLYFormat())
    }
}
