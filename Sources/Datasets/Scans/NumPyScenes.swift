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
            return try NumPyArray.columns(path, name: Self.column).names.map(Self.named)
        }
        return try columns(of: path).flatMap(\.names)
    }

    func records(of path: String) throws -> PointRecords {
        if path.hasSuffix(".npy") {
            return try PointRecords(
                path: path, [NumPyArray.read(path, name: Self.column).renamed(Self.named)])
        }
        guard path.hasSuffix(".npz") else {
            return try PointRecords(
                path: path,
                ofPoints(
                    try columns(of: path).map { array, _ in
                        try NumPyArray.read(path + "/" + array + ".npy", name: array)
                    }))
        }
        let tables = try NumPyArray.readArchive(
            path, where: isRead, isOptional: { !isDescribed($0) })
        guard !tables.isEmpty else {
            throw SourceError("The archive \(path) holds no arrays: save them with numpy.savez.")
        }
        return try PointRecords(path: path, ofPoints(tables))
    }

    /// The tables with a row for each point, and all tables that the layout describes.
    private func ofPoints(_ tables: [RecordTable]) -> [RecordTable] {
        let name = { (table: RecordTable) in
            String(table.fields.first?.name.prefix { $0 != "[" } ?? "")
        }
        guard let points = tables.first(where: { name($0) == Self.coordinates }) else {
            return tables
        }
        return tables.filter { $0.count == points.count || isDescribed(name($0)) }
    }

    /// The arrays of a folder that describe points, with the names of their columns.
    private func columns(of path: String) throws -> [(array: String, names: [String])] {
        let all = try arrays(in: path).compactMap { array in
            do {
                return (
                    array: array,
                    columns: try NumPyArray.columns(path + "/" + array + ".npy", name: array)
                )
            } catch {
                guard !isDescribed(array) else { throw error }
                return nil
            }
        }
        let points = all.first { $0.array == Self.coordinates }?.columns.rows
        return all.filter { $0.columns.rows == points ?? $0.columns.rows || isDescribed($0.array) }
            .map { ($0.array, $0.columns.names) }
    }

    private static let coordinates = "coord"

    /// Whether the layout says what an array holds; other arrays may describe something else than
    /// points.
    private func isDescribed(_ array: String) -> Bool {
        [Self.coordinates, "color", "colour", "normal", "strength", "intensity", label].contains(
            array)
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
