import Archives
import Formats

/// The format of NumPy arrays with one row per point.
///
/// - Folders of them or one `.npz` archive, in the layout of Pointcept's data sets: `coord.npy`
///   holds x, y, z; `color.npy`, `normal.npy`, `strength.npy` and any other array of as many rows
///   is a channel; `segment.npy` holds labels.
/// - One `.npy` array: the fields of a structured one by their names; the columns of any other are
///   `x`, `y`, `z`, `column[3]`, `column[4]` and so on, for `data.fields` to name.
struct NumPyScenes: ScanFormat {
    /// The name of the array of labels.
    var label = "segment"
    /// The names of arrays that do not describe points.
    private static let others: Set<String> = ["pose"]

    let kind = SceneList.Kind(
        plural: "folders with a coord.npy, .npz or .npy files", suffixes: [".npz", ".npy"]
    ) { path in
        path.hasSuffix(".npy") && Folders.exists(path) || Self.layout.isScene(path)
    }

    /// The scenes by which this layout is recognised; single arrays could belong to any layout.
    static let layout = SceneList.Kind(
        plural: "folders with a coord.npy, or .npz files", suffixes: [".npz"]
    ) { path in
        path.hasSuffix(".npz") && Folders.exists(path) || Folders.exists(path + "/coord.npy")
    }

    func fieldNames(of path: String) throws -> [String] {
        if path.hasSuffix(".npz") { return try records(of: path).names }
        if path.hasSuffix(".npy") {
            return try NumPyArray.columnNames(path, name: Self.column).map(Self.named)
        }
        return try arrays(in: path).flatMap {
            try NumPyArray.columnNames(path + "/" + $0 + ".npy", name: $0)
        }
    }

    func records(of path: String) throws -> PointRecords {
        if path.hasSuffix(".npy") {
            return try PointRecords(
                path: path, [NumPyArray.read(path, name: Self.column).renamed(Self.named)])
        }
        guard path.hasSuffix(".npz") else {
            return try PointRecords(
                path: path,
                try arrays(in: path).map { try NumPyArray.read(path + "/" + $0 + ".npy", name: $0) }
            )
        }
        let tables = try NumPyArray.readArchive(path, where: isRead)
        guard !tables.isEmpty else {
            throw SourceError("The archive \(path) holds no arrays: save them with numpy.savez.")
        }
        return try PointRecords(path: path, tables)
    }

    /// The name of the columns of a single array; the first three are coordinates.
    private static let column = "column"
    private static func named(_ field: String) -> String {
        let axis = ["x", "y", "z"].enumerated().first { field == "\(column)[\($0.offset)]" }
        return axis?.element ?? field
    }

    private func arrays(in folder: String) throws -> [String] {
        try Folders.stems(in: folder, suffix: ".npy").filter(isRead)
    }

    /// Whether an array describes points; of several arrays of labels only the wanted one does.
    private func isRead(_ array: String) -> Bool {
        array == label || !array.hasPrefix("segment") && !Self.others.contains(array)
    }
}
