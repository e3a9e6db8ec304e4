import Archives
import Formats

/// The sources a recipe can name, one line each.
///
/// Adding a reader: write a conformance to ``SceneSource`` that passes ``checkSource(_:scenes:)``,
/// and give it a line here.
package enum SourceCatalogue {
    /// One line of the catalogue.
    package struct Entry: Sendable {
        /// What a recipe calls it.
        package let name: String
        /// What it is, in a few words.
        package let summary: String
        /// Whether files are read, which lie at `data.path`.
        package let readsFiles: Bool
        let make: @Sendable (DataSettings, Split) throws -> any SceneSource
        /// Whether a folder looks like one of its.
        let recognises: @Sendable (String) -> Bool

        init(
            _ name: String, _ summary: String, readsFiles: Bool = true,
            in recognises: @escaping @Sendable (String) -> Bool = { _ in false },
            _ make: @escaping @Sendable (DataSettings, Split) throws -> any SceneSource
        ) {
            self.name = name
            self.summary = summary
            self.readsFiles = readsFiles
            self.make = make
            self.recognises = recognises
        }
    }

    /// The source whose files lie in a folder, by what the folder holds; the first that fits.
    ///
    /// - Throws: ``SourceError`` where none fits.
    package static func source(of folder: String) throws -> Entry {
        guard Folders.isFolder(folder) else {
            throw SourceError("There is no folder \(folder): name the one that holds the data.")
        }
        guard let entry = entries.first(where: { $0.recognises(folder) }) else {
            throw SourceError(
                "Nothing in \(folder) is known: name the source, one of "
                    + "\(entries.filter(\.readsFiles).map(\.name).listed(or: true)).")
        }
        return entry
    }

    /// Whether one of these lies in a folder.
    private static func has(_ names: String...) -> @Sendable (String) -> Bool {
        { folder in names.contains { Folders.exists(folder + "/" + $0) } }
    }

    /// Every source, in the order in which they are listed to the user.
    package static let entries: [Entry] = [
        Entry(
            "semantickitti", "SemanticKITTI scans and labels, as downloaded; needs a path",
            in: has("sequences", "dataset/sequences")
        ) {
            try SemanticKITTI($0, split: $1)
        },
        Entry(
            "nuscenes", "nuScenes lidarseg key frames, as downloaded; needs a path",
            in: has("v1.0-trainval", "v1.0-mini", "v1.0-test")
        ) {
            try NuScenes($0, split: $1)
        },
        Entry(
            "s3dis", "S3DIS rooms as text files or in Pointcept's layout; needs a path",
            in: has("Area_1", "Area_2", "Area_3", "Area_4", "Area_5", "Area_6")
        ) {
            try S3DIS.open($0, split: $1)
        },
        Entry(
            "scannet", "ScanNet rooms as PLY or in Pointcept's layout; needs a path",
            in: has("scans", "scans_test", "train/scene0000_00", "val/scene0011_00")
        ) {
            try ScanNet.open($0, split: $1)
        },
        Entry(
            "folder", "any scenes in Pointcept's layout of arrays; needs a path and classes",
            in: { SceneList.holds($0, NumPyScenes.layout) }
        ) {
            try ArrayFolder.open($0, split: $1)
        },
        Entry(
            "las", "scans in LAS or LAZ files; needs a path",
            in: { SceneList.holds($0, LASFormat().kind) }
        ) {
            try LASScans.open($0, split: $1)
        },
        Entry(
            "ply", "scans in PLY files; needs a path and classes",
            in: { SceneList.holds($0, PLYFormat().kind) }
        ) {
            try PLYScans.open($0, split: $1)
        },
        Entry(
            "pcd", "scans in PCD files; needs a path and classes",
            in: { SceneList.holds($0, PCDFormat().kind) }
        ) {
            try PCDScans.open($0, split: $1)
        },
        Entry(
            "streets", "generated streets, scanned by a simulated spinning lidar", readsFiles: false
        ) {
            try Streets($0, split: $1)
        },
        Entry("rooms", "generated rooms, scanned by a simulated depth camera", readsFiles: false) {
            try Rooms($0, split: $1)
        },
        Entry(
            "boxes", "rooms of plain boxes of a known density, to time with", readsFiles: false
        ) {
            try Boxes($0, split: $1)
        },
    ]

    /// Whether the source that settings name reads files.
    package static func readsFiles(_ settings: DataSettings) -> Bool {
        entries.first { $0.name == settings.source }?.readsFiles ?? false
    }

    /// Opens a split of the source that the settings name.
    ///
    /// Where only some training scans are to keep their labels, and their classes decide which, all
    /// are read.
    ///
    /// Throws ``SourceError`` when there is no such source or it cannot be opened as set.
    package static func open(_ settings: DataSettings, split: Split) throws -> any SceneSource {
        guard let entry = entries.first(where: { $0.name == settings.source }) else {
            throw SourceError(
                "There is no data source '\(settings.source)': "
                    + "use one of \(entries.map(\.name).listed()).")
        }
        return try labelled(entry.make(settings, split), settings, split: split)
    }

    /// A split's scenes, of which those of the training split have the labels that settings leave
    /// them.
    package static func labelled(
        _ source: any SceneSource, _ settings: DataSettings, split: Split
    ) throws -> any SceneSource {
        guard split == .training, let labelled = settings.labelled, source.count > 0 else {
            return source
        }
        return try FewLabels(source, labelled)
    }
}
