import Files
import Formats
import ZipArchives

/// The format of NumPy arrays with one row per point.
///
/// - Folders of them or one `.npz` archive, in the layout of Pointcept's data sets: `coord.npy`
///   holds x, y, z; `color.npy`, `normal.npy`, `strength.npy` and any other array of as many rows
///   is a channel; `segment.npy` holds labels, in the first column if there are several.
/// - One `.npy` array: the fields of a structured one by their names; the columns of any other are
///   `x`, `y`, `z`, `column[3]`, `column[4]` and so on, for `data.fields` to name.
struct NumPyScenes: ScanFormat {
    /// The name of the array of labels, or of one of its columns.
    var label = "segment"
    /// The names of further arrays that the recipe reads.
    var requested: Set<String> = []
    /// Whether folders without the array of labels are no scenes.
    var needsLabel = false
    /// The number that stands for 1 in colours of any type; nil to tell it from their values.
    var colourScale: Double?
    /// The names of arrays that do not describe points.
    private static let others: Set<String> = ["pose"]

    var kind: SceneList.Kind {
        if needsLabel {
            let file = labelArray + ".npy"
            return SceneList.Kind(
                plural: "folders with a coord.npy and \(file)", suffixes: []
            ) { path in
                Folders.exists(path + "/coord.npy") && Folders.exists(path + "/" + file)
            }
        }
        return SceneList.Kind(
            plural: "folders with a coord.npy, .npz or .npy files", suffixes: [".npz", ".npy"]
        ) { path in
            path.hasSuffix(".npy") && Folders.isFile(path) || Self.layout.isScene(path)
        }
    }

    /// The scenes by which this layout is recognised; single arrays could belong to any layout.
    static let layout = SceneList.Kind(
        plural: "folders with a coord.npy, or .npz files", suffixes: [".npz"]
    ) { path in
        path.hasSuffix(".npz") && Folders.isFile(path) || Folders.exists(path + "/coord.npy")
    }

    func fieldNames(of path: String) throws -> [String] {
        switch try Layout(of: path) {
        case .archive: return try records(of: path).names
        case .array: return try NumPyArray.columns(path, name: Self.column).names.map(Self.named)
        case .folder:
            let arrays = try arrays(in: path).compactMap { name in
                try columns(of: name, in: path).map { (name, $0) }
            }
            return describing(points: arrays, rows: \.rows).flatMap(\.names)
        }
    }

    func records(of path: String) throws -> PointRecords {
        let tables: [(name: String, contents: RecordTable)]
        switch try Layout(of: path) {
        case .array:
            return try PointRecords(
                path: path, [NumPyArray.read(path, name: Self.column).renamed(Self.named)])
        case .archive:
            tables = try NumPyArray.readArchive(path, where: isRead, isNeeded: isNeeded)
                .map { ($0.name, $0.table) }
        case .folder:
            tables = try arrays(in: path).compactMap { name in
                let file = path + "/" + name + ".npy"
                let table =
                    isNeeded(name)
                    ? try NumPyArray.read(file, name: name)
                    : try NumPyArray.readIfNumbers(file, name: name)
                return table.map { (name, $0) }
            }
        }
        guard !tables.isEmpty else {
            throw SourceError("The archive \(path) holds no arrays: save them with numpy.savez.")
        }
        return try PointRecords(path: path, describing(points: tables, rows: \.count))
    }

    func fullScale(of channel: FieldPlan.Channel, in path: String) -> FullScale? {
        // Float64 colours of a dark room would otherwise pass for values from 0 to 1.
        guard channel.name == "colour", let colourScale else { return nil }
        return FullScale(colourScale, because: "colour is divided by 255, as in Pointcept's files")
    }

    /// The layout of a scene, by its contents.
    private enum Layout {
        case folder, archive, array

        init(of path: String) throws {
            guard !Folders.isFolder(path) else {
                self = .folder
                return
            }
            let signature = try InputFile(path).signature()
            // Without a known signature the reader that the name promises reports the damage.
            let isArray = path.lowercased().hasSuffix(".npy") && signature != .zip
            self = signature == .numPyArray || isArray ? .array : .archive
        }
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

    private func columns(of name: String, in folder: String) throws -> NumPyArray.Columns? {
        let file = folder + "/" + name + ".npy"
        return isNeeded(name)
            ? try NumPyArray.columns(file, name: name)
            : try NumPyArray.columnsIfNumbers(file, name: name)
    }

    /// The label's array: `segment` for the column `segment[0]`.
    private var labelArray: String { String(label.prefix { $0 != "[" }) }

    /// Whether an array describes points; of several arrays of labels only the wanted one does.
    private func isRead(_ array: String) -> Bool {
        // The masks of Waymo are Python objects: not even their header is read unasked.
        array == labelArray
            || !array.hasPrefix("segment") && !Self.others.contains(array)
                && (array != "mask" || requested.contains(array))
    }

    // MARK: - Arrays that do not describe points

    /// Whether an array is of points by its name, so that other contents are an error.
    ///
    /// Scenes are saved with texts, matrices and boxes beside their points; these are left out.
    private func isNeeded(_ array: String) -> Bool {
        array == labelArray || requested.contains(array) || Self.known.contains(array.lowercased())
    }

    /// The names of arrays of coordinates, labels and common channels.
    private static let known: Set<String> = {
        let names =
            FieldNames.position.joined() + FieldNames.label
            + FieldNames.channels.flatMap { $0.fields.joined() }
        return Set(names.map { String($0.prefix { $0 != "[" }) })
    }()

    /// Leaves out the arrays that have another number of rows than the coordinates.
    private func describing<Contents>(
        points arrays: [(name: String, contents: Contents)], rows: (Contents) -> Int
    ) -> [Contents] {
        let names = arrays.map(\.name)
        // Without an array of a known name for coordinates, those of the first needed array count.
        let first = names.firstIndex(of: "coord") ?? names.firstIndex(where: isNeeded)
        guard let count = first.map({ rows(arrays[$0].contents) }) else {
            return arrays.map(\.contents)
        }
        return arrays.filter { isNeeded($0.name) || rows($0.contents) == count }.map(\.contents)
    }
}
