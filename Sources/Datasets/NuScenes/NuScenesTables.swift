import Formats
import ZipArchives

/// The key frames in nuScenes' tables, with their scans and labels (Caesar et al., "nuScenes: a
/// multimodal dataset for autonomous driving", CVPR 2020).
struct NuScenesTables {
    /// A key frame: a scan of the top lidar.
    struct Frame: Sendable, Equatable {
        let scene: String
        /// The scan's token, which names files of labels and predictions.
        let token: String
        let timestamp: Double
        /// The scan's path below the data's folder.
        let scan: String
        /// The path of the labels; nil without labels.
        let labels: String?
    }

    let frames: [Frame]

    /// Reads the tables in a folder such as `v1.0-trainval`.
    ///
    /// - Parameter isWanted: whether a scene of the given name is read.
    init(_ folder: String, where isWanted: (String) -> Bool) throws {
        try Self.checkCategories(folder)
        var scenes: [String: String] = [:]
        try JSONTable.forEachRow(of: folder + "/scene.json", ["token", "name"]) { row in
            guard let token = row["token"]?.text, let name = row["name"]?.text else { return }
            if isWanted(name) { scenes[token] = name }
        }
        var samples: [String: (scene: String, timestamp: Double)] = [:]
        try JSONTable.forEachRow(
            of: folder + "/sample.json", ["token", "scene_token", "timestamp"]
        ) { row in
            guard let token = row["token"]?.text,
                let scene = row["scene_token"]?.text.flatMap({ scenes[$0] })
            else { return }
            samples[token] = (scene, row["timestamp"]?.number ?? 0)
        }
        var labels: [String: String] = [:]
        let labelTable = folder + "/lidarseg.json"
        if Folders.exists(labelTable) {
            try JSONTable.forEachRow(of: labelTable, ["sample_data_token", "filename"]) { row in
                if let token = row["sample_data_token"]?.text {
                    labels[token] = row["filename"]?.text
                }
            }
        }
        var frames: [Frame] = []
        try JSONTable.forEachRow(
            of: folder + "/sample_data.json",
            ["token", "sample_token", "filename", "is_key_frame"]
        ) { row in
            // The table also lists cameras and radars, and sweeps between key frames.
            guard row["is_key_frame"]?.truth == true, let scan = row["filename"]?.text,
                scan.hasPrefix("samples/LIDAR_TOP/"), let token = row["token"]?.text,
                let sample = row["sample_token"]?.text.flatMap({ samples[$0] })
            else { return }
            frames.append(
                Frame(
                    scene: sample.scene, token: token, timestamp: sample.timestamp, scan: scan,
                    labels: labels[token]))
        }
        // Scenes are numbered in this order, which must not depend on that of the table.
        self.frames = frames.sorted {
            ($0.scene, $0.timestamp, $0.token) < ($1.scene, $1.timestamp, $1.token)
        }
    }

    /// Checks that the categories have their published numbers.
    private static func checkCategories(_ folder: String) throws {
        let table = folder + "/category.json"
        guard Folders.exists(table) else { return }
        try JSONTable.forEachRow(of: table, ["name", "index"]) { row in
            guard let name = row["name"]?.text, let index = row["index"]?.number,
                let usual = categories[name], Double(usual) != index
            else { return }
            throw SourceError(
                "The table \(table) gives '\(name)' the number \(number(index)), which is "
                    + "\(usual) in nuScenes as published: take the tables from its download.")
        }
    }

    /// The categories that form classes, by their names in `category.json`.
    private static let categories = [
        "human.pedestrian.adult": 2, "human.pedestrian.child": 3,
        "human.pedestrian.construction_worker": 4, "human.pedestrian.police_officer": 6,
        "movable_object.barrier": 9, "movable_object.trafficcone": 12, "vehicle.bicycle": 14,
        "vehicle.bus.bendy": 15, "vehicle.bus.rigid": 16, "vehicle.car": 17,
        "vehicle.construction": 18, "vehicle.motorcycle": 21, "vehicle.trailer": 22,
        "vehicle.truck": 23, "flat.driveable_surface": 24, "flat.other": 25, "flat.sidewalk": 26,
        "flat.terrain": 27, "static.manmade": 28, "static.vegetation": 30,
    ]
}
