/// Scenes as folders of NumPy arrays, a row a point in each, or as one `.npz` archive of them: the
/// layout of Pointcept's data sets.
///
/// `coord.npy` holds x, y, z; `color.npy`, `normal.npy`, `strength.npy` and any other array of as
/// many rows is a channel; `segment.npy` holds labels.
struct NumPyScenes: ScanFormat {
    /// The array with labels.
    var label = "segment"
    /// Arrays that are something else of the scene.
    private static let others: Set<String> = ["pose"]

    let kind = SceneList.Kind(
        plural: "folders with a coord.npy, or .npz files", suffixes: [".npz"]
    ) { path in
        path.hasSuffix(".npz") && Folders.exists(path) || Folders.exists(path + "/coord.npy")
    }

    func fieldNames(of path: String) throws -> [String] {
        if path.hasSuffix(".npz") { return try records(of: path).names }
        return try arrays(in: path).flatMap {
            try NumPyArray.columnNames(path + "/" + $0 + ".npy", name: $0)
        }
    }

    func records(of path: String) throws -> PointRecords {
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

    private func arrays(in folder: String) throws -> [String] {
        try Folders.stems(in: folder, suffix: ".npy").filter(isRead)
    }

    /// Whether an array describes points, and no other labels than those wanted.
    private func isRead(_ array: String) -> Bool {
        array == label || !array.hasPrefix("segment") && !Self.others.contains(array)
    }
}
