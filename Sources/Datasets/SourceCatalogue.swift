import Formats
import ZipArchives

/// The sources that a recipe can name, one line each.
///
/// To add a reader, write a conformance to ``SceneSource`` that passes `checkSource(_:scenes:)` of
/// DatasetTesting, and add a line here.
package enum SourceCatalogue {
    /// A line of the catalogue.
    package struct Entry: Sendable {
        /// The source's name in recipes.
        package let name: String
        /// A short description.
        package let summary: String
        /// Whether the source reads files at `data.path`.
        package let readsFiles: Bool
        let make: @Sendable (DataSettings, Split) throws -> any SceneSource
        /// Whether a folder looks like one of the source.
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

    /// The first source whose files a folder appears to contain.
    ///
    /// - Throws: `SourceError` if there is no such source.
    package static func source(of folder: String) throws -> Entry {
        guard Folders.isFolder(folder) else {
            throw SourceError("There is no folder \(folder): name the one that holds the data.")
        }
        guard let entry = entries.first(where: { $0.recognises(folder) }) else {
            throw SourceError(
                "Nothing in \(folder) is known: name the source with --data, one of "
                    + "\(entries.filter(\.readsFiles).map(\.name).listed(or: true)).")
        }
        return entry
    }

    /// Whether a folder contains a file or folder of one of these paths, in which `*` stands for any
    /// text within a name.
    // Names of folders alone, such as `scans`, occur in data of all kinds.
    private static func has(_ paths: String...) -> @Sendable (String) -> Bool {
        { folder in
            paths.contains { Folders.contains($0.split(separator: "/")[...], in: folder) }
        }
    }

    /// All sources, in the order of listings.
    package static let entries: [Entry] = [
        Entry(
            "semantickitti", "SemanticKITTI scans and labels, as downloaded; needs a path",
            in: has("sequences/*/velodyne", "dataset/sequences/*/velodyne")
        ) {
            try SemanticKITTI($0, split: $1)
        },
        Entry(
            "nuscenes", "nuScenes lidarseg key frames, as downloaded; needs a path",
            in: has("v1.0-trainval/*.json", "v1.0-mini/*.json", "v1.0-test/*.json")
        ) {
            try NuScenes($0, split: $1)
        },
        Entry(
            "s3dis", "S3DIS rooms as text files or in Pointcept's layout; needs a path",
            in: has("Area_*/*/Annotations", "Area_*/*/coord.npy")
        ) {
            try S3DIS.open($0, split: $1)
        },
        Entry(
            "scannet", "ScanNet rooms as PLY or in Pointcept's layout; needs a path",
            in: has(
                "scans/*/*_vh_clean_2.ply", "scans_test/*/*_vh_clean_2.ply",
                "train/scene*_0*/coord.npy", "val/scene*_0*/coord.npy")
        ) {
            try ScanNet.open($0, split: $1)
        },
        Entry("scannet200", "ScanNet rooms in Pointcept's layout with 200 classes; needs a path") {
            try ArrayDataSet.scanNet200.open($0, split: $1)
        },
        Entry(
            "structured3d", "Structured3D rooms in Pointcept's layout; needs a path",
            in: has("train/scene_*/room_*/coord.npy", "val/scene_*/room_*/coord.npy")
        ) {
            try ArrayDataSet.structured3D.open($0, split: $1)
        },
        Entry("matterport3d", "Matterport3D regions in Pointcept's layout; needs a path") {
            try ArrayDataSet.matterport3D.open($0, split: $1)
        },
        Entry("hm3d", "HM3D rooms in Pointcept's layout, where labelled; needs a path") {
            try ArrayDataSet.hm3D.open($0, split: $1)
        },
        Entry(
            "arkitscenes",
            "unlabelled ARKitScenes rooms in Pointcept's layout; needs a path and classes",
            in: has("Training/*/coord.npy", "Validation/*/coord.npy")
        ) {
            try ArrayDataSet.arKitScenes.open($0, split: $1)
        },
        Entry(
            "waymo", "Waymo Open scans in Pointcept's layout; needs a path",
            in: has("training/segment-*/*/coord.npy", "validation/segment-*/*/coord.npy")
        ) {
            try ArrayDataSet.waymo.open($0, split: $1)
        },
        Entry(
            // After the data sets, whose rooms in Pointcept's layout it would recognise.
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
            // Last of the files, since files of this suffix belong to KITTI and nuScenes as well.
            "bin", "unlabelled scans in .bin files of Float32 rows; needs a path and classes",
            in: { SceneList.holds($0, BinFormat().kind) }
        ) {
            try BinScans.open($0, split: $1)
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

    /// Whether the source in the settings reads files.
    package static func readsFiles(_ settings: DataSettings) -> Bool {
        entries.first { $0.name == settings.source }?.readsFiles ?? false
    }

    /// Opens a split of the source in the settings.
    ///
    /// If the choice of labelled training scans depends on their classes, all training scans are
    /// read.
    ///
    /// Throws `SourceError` if there is no such source, or if it cannot be opened with the
    /// settings.
    package static func open(_ settings: DataSettings, split: Split) throws -> any SceneSource {
        let source = try openWithFaults(settings, split: split)
        // Found now, since a run would otherwise fail when it first reads the file.
        if let first = source.faults.first {
            let others = source.faults.count - 1
            throw SourceError(
                others == 0
                    ? first
                    : "\(first) So it is with \(others) other\(others == 1 ? "" : "s") of the "
                        + "\(split.rawValue) split: 'denju data check' lists all.")
        }
        return source
    }

    /// Opens a split although some of its files cannot be used; see ``SceneSource/faults``.
    package static func openWithFaults(
        _ settings: DataSettings, split: Split
    ) throws -> any SceneSource {
        guard let entry = entries.first(where: { $0.name == settings.source }) else {
            throw SourceError(
                "There is no data source '\(settings.source)': "
                    + "use one of \(entries.map(\.name).listed()).")
        }
        return try labelled(entry.make(settings, split), settings, split: split)
    }

    /// Opens every split that exists, although some of their files cannot be used.
    ///
    /// - Parameter required: splits whose absence is a failure.
    /// - Returns: the splits, and a sentence for each one that cannot be opened.
    package static func openAll(
        _ settings: DataSettings, required: Set<Split>
    ) -> (splits: [(split: Split, source: any SceneSource)], failures: [String]) {
        var splits: [(split: Split, source: any SceneSource)] = []
        var failures: [String] = []
        for split in Split.allCases {
            do {
                splits.append((split, try openWithFaults(settings, split: split)))
            } catch {
                let isAbsent = (error as? SourceError)?.isAbsence ?? false
                // A split that is not required may be absent. All splits may fail for one reason.
                let isFailure = !isAbsent || required.contains(split)
                if isFailure, !failures.contains("\(error)") { failures.append("\(error)") }
            }
        }
        return (splits, failures)
    }

    /// Whether the data have no such split; false if the split exists but cannot be opened.
    package static func lacks(_ split: Split, of settings: DataSettings) -> Bool {
        do {
            _ = try openWithFaults(settings, split: split)
            return false
        } catch {
            return (error as? SourceError)?.isAbsence ?? false
        }
    }

    /// A split's scenes; training scenes have only the labels that the settings leave them.
    package static func labelled(
        _ source: any SceneSource, _ settings: DataSettings, split: Split
    ) throws -> any SceneSource {
        // Validation keeps every label: its scores would otherwise be those of a few scans.
        guard split == .training, let labelled = settings.labelled, source.count > 0 else {
            return source
        }
        return try FewLabels(source, labelled)
    }
}
