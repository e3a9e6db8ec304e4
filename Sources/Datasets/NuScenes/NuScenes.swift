import Archives
import Formats
package import PointClouds

/// nuScenes lidarseg: outdoor key frames of a spinning 32-beam lidar with a label for every point
/// (Fong et al., "Panoptic nuScenes", RA-L 2022), read from the files as downloaded.
///
/// The data's folder contains `v1.0-trainval`, `v1.0-test` or `v1.0-mini` with its tables,
/// `samples/LIDAR_TOP` and `lidarseg`. Splits are the official ones unless `data.sequences` names
/// scenes. Channels: `intensity`, and `ring`, the number of the beam.
///
/// Options: `unlabelled` (true: frames without labels are accepted for training).
package struct NuScenes: SceneSource {
    private let root: String
    private let frames: [NuScenesTables.Frame]
    private let interpreter: PointInterpreter

    private static let classMap = ClassMap(ClassLists.nuScenes)

    /// Opens a split; only the tables are read.
    ///
    /// Throws `SourceError` if tables or labels are missing.
    package init(_ settings: DataSettings, split: Split) throws {
        var options = SourceOptions(settings)
        let unlabelled = try options.flag("unlabelled")
        try options.finish()
        root = try SceneList.root(of: settings)
        let version = try Self.version(in: root, split: split)
        let named = settings.sequences[split]
        let tables = try NuScenesTables(root + "/" + version) { scene in
            named?.contains(scene)
                ?? (split == .test || Self.isValidation(scene, version) == (split == .validation))
        }
        guard !tables.frames.isEmpty else {
            throw SourceError(
                "\(root)/\(version) has no key frames of "
                    + "\(named?.listed() ?? "the \(split.rawValue) scenes"): look at "
                    + "data.sequences.")
        }
        if split != .test, !unlabelled,
            let frame = tables.frames.first(where: { $0.labels == nil })
        {
            throw SourceError(
                "The key frame \(frame.scan) has no labels in \(root)/\(version)/lidarseg.json: "
                    + "download nuScenes-lidarseg, or set the option 'unlabelled' to true to learn "
                    + "from the teacher alone.")
        }
        frames = try evenly(settings.scenes[split], of: tables.frames, split: split)
        interpreter = try Self.interpreter(of: root, withLabels: true)
    }

    /// `"nuscenes"`.
    package var name: String { "nuscenes" }
    /// The 16 classes of the lidar segmentation challenge.
    package var classes: [String] { Self.classMap.classes }
    /// The label's number in the challenge.
    package func number(of label: Int32) -> Int? { Self.classMap.number(of: label) }
    /// The devkit's colours.
    package var palette: [Palette.Colour] { Self.classMap.palette }
    /// Intensity and ring.
    package var channels: [ChannelSpecification] { interpreter.channels }
    /// The number of key frames.
    package var count: Int { frames.count }
    /// The scene and the scan's token.
    package func name(of index: Int) -> String { frames[index].scene + "/" + frames[index].token }

    /// The `.pcd.bin` file.
    package func file(of index: Int) -> String? { root + "/" + frames[index].scan }

    /// The points of a scan without labels.
    static func scan(_ path: String) throws -> Cloud {
        try interpreter(of: path, withLabels: false).cloud(
            from: PointRecords(path: path, [table(path, scanFields, of: "points")]),
            label: classMap.label(of:))
    }

    private static func interpreter(
        of root: String, withLabels: Bool
    ) throws -> PointInterpreter {
        var plan = try FieldPlan(
            names: scanFields.map(\.name), request: FieldPlan.FieldRequest(), file: root)
        if withLabels { plan.label = "label" }
        return PointInterpreter(
            plan: plan,
            scales: [
                "intensity": FullScale(
                    // Given, not measured: scans differ in their brightest point, and a scale measured on some
                    // would give other scans other intensities.
                    255, because: "intensity is 'intensity' / 255, as nuScenes has it")
            ], centres: false)
    }

    /// Reads a key frame; labels are empty if it has none.
    package func scene(at index: Int) throws -> Cloud {
        let frame = frames[index]
        let scan = try Self.table(root + "/" + frame.scan, Self.scanFields, of: "points")
        let labels = try frame.labels.map {
            try Self.table(root + "/" + $0, Self.labelFields, of: "labels")
        }
        return try interpreter.cloud(
            from: PointRecords(path: root + "/" + frame.scan, [scan] + (labels.map { [$0] } ?? [])),
            label: Self.classMap.label(of:))
    }

    // MARK: - Files

    private static let scanFields = ["x", "y", "z", "intensity", "ring"].enumerated().map {
        RecordField(name: $1, type: .float32, offset: 4 * $0)
    }
    private static let labelFields = [RecordField(name: "label", type: .uint8, offset: 0)]

    /// Reads a file that consists of records.
    private static func table(
        _ path: String, _ fields: [RecordField], of what: String
    ) throws -> RecordTable {
        let size = fields.reduce(0) { $0 + $1.type.size }
        let file = try InputFile(path)
        // The files have no header: their size is all that tells a cut download from a whole one.
        let excess = file.size % size
        guard excess == 0, file.size > 0 else {
            throw file.damaged(
                at: file.size - excess,
                "has \(file.size) bytes, which is no whole number of \(size)-byte \(what)")
        }
        return RecordTable(
            file: path, bytes: try file.all(), stride: size, count: file.size / size,
            fields: fields, location: .byte(0))
    }

    // MARK: - Splits

    private static func version(in root: String, split: Split) throws -> String {
        let versions = split == .test ? ["v1.0-test"] : ["v1.0-trainval", "v1.0-mini"]
        guard let version = versions.first(where: { Folders.isFolder(root + "/" + $0) }) else {
            throw SourceError(
                "\(root) has no folder \(versions.listed(or: true)): set data.path to the folder "
                    + "into which nuScenes was unpacked.")
        }
        return version
    }

    /// Whether a scene belongs to the official validation split.
    private static func isValidation(_ scene: String, _ version: String) -> Bool {
        guard let number = scene.split(separator: "-").last.flatMap({ Int($0) }) else {
            return false
        }
        if version == "v1.0-mini" { return [103, 916].contains(number) }
        return validation.contains { $0.contains(number) }
    }

    /// The numbers of the 150 validation scenes (nuscenes-devkit, `utils/splits.py`).
    private static let validation: [ClosedRange<Int>] = [
        3...3, 12...18, 35...36, 38...39, 92...110, 221...221, 268...278, 329...332, 344...346,
        519...524, 552...565, 625...627, 629...630, 632...638, 770...771, 775...775, 777...778,
        780...784, 794...800, 802...802, 904...917, 919...931, 962...963, 966...969, 971...972,
        1059...1073,
    ]
}
