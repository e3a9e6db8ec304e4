/// The sources a recipe can name, one line each.
///
/// Adding a reader: write a conformance to ``SceneSource`` that passes ``checkSource(_:scenes:)``,
/// and give it a line here.
public enum SourceCatalogue {
    /// One line of the catalogue.
    public struct Entry: Sendable {
        /// What a recipe calls it.
        public let name: String
        /// What it is, in a few words.
        public let summary: String
        let make: @Sendable (DataSettings, Split) throws -> any SceneSource

        init(
            _ name: String, _ summary: String,
            _ make: @escaping @Sendable (DataSettings, Split) throws -> any SceneSource
        ) {
            self.name = name
            self.summary = summary
            self.make = make
        }
    }

    /// Every source, in the order in which they are listed to the user.
    public static let entries: [Entry] = [
        Entry("semantickitti", "SemanticKITTI scans and labels, as downloaded; needs a path") {
            try SemanticKITTI($0, split: $1)
        },
        Entry("nuscenes", "nuScenes lidarseg key frames, as downloaded; needs a path") {
            try NuScenes($0, split: $1)
        },
        Entry("s3dis", "S3DIS rooms as text files or in Pointcept's layout; needs a path") {
            try S3DIS.open($0, split: $1)
        },
        Entry("scannet", "ScanNet rooms as PLY or in Pointcept's layout; needs a path") {
            try ScanNet.open($0, split: $1)
        },
        Entry("folder", "any scenes in Pointcept's layout of arrays; needs a path and classes") {
            try ArrayFolder.open($0, split: $1)
        },
        Entry("las", "scans in LAS or LAZ files; needs a path") {
            try LASScans.open($0, split: $1)
        },
        Entry("ply", "scans in PLY files; needs a path and classes") {
            try PLYScans.open($0, split: $1)
        },
        Entry("pcd", "scans in PCD files; needs a path and classes") {
            try PCDScans.open($0, split: $1)
        },
        Entry("streets", "generated streets, scanned by a simulated spinning lidar") {
            try Streets($0, split: $1)
        },
        Entry("rooms", "generated rooms, scanned by a simulated depth camera") {
            try Rooms($0, split: $1)
        },
        Entry("boxes", "rooms of plain boxes of a known density, to time with") {
            try Boxes($0, split: $1)
        },
    ]

    /// Opens a split of the source that the settings name.
    ///
    /// Throws ``SourceError`` when there is no such source or it cannot be opened as set.
    public static func open(_ settings: DataSettings, split: Split) throws -> any SceneSource {
        guard let entry = entries.first(where: { $0.name == settings.source }) else {
            throw SourceError(
                "There is no data source '\(settings.source)': "
                    + "use one of \(entries.map(\.name).listed()).")
        }
        return try entry.make(settings, split)
    }
}
