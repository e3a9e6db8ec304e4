import Formats

/// PLY files as scenes.
struct PLYFormat: ScanFormat {
    let kind = SceneList.Kind.files([".ply"])

    func fieldNames(of path: String) throws -> [String] { try PLYFile(path).names }

    func records(of path: String) throws -> PointRecords {
        try PointRecords(path: path, [PLYFile(path).points().table])
    }
}

/// Points in PLY files, ascii or binary in either order, with properties of any name.
enum PLYScans {
    /// The source `ply`, with options as of ``ScanSource``.
    static func open(_ settings: DataSettings, split: Split) throws -> any SceneSource {
        try ScanSource("ply", settings, split: split, format: PLYFormat())
    }
}
