package import Formats
package import PointClouds
import ZipArchives

/// nuScenes lidarseg: outdoor key frames of a spinning 32-beam lidar with a label for every point
/// (Fong et al., "Panoptic nuScenes", RA-L 2022), read from the files as downloaded.
///
/// The data's folder contains `v1.0-trainval`, `v1.0-test` or `v1.0-mini` with its tables,
/// `samples/LIDAR_TOP` and `lidarseg`. Splits are the official ones unless `data.sequences` names
/// scenes. Channels: `intensity`, and `ring`, the number of the beam.
///
/// Options: `unlabelled` (true: frames without labels are accepted for training), `columns` (the
/// number of values of a point, 5 by default) and those of ``ReadingOptions``.
package struct NuScenes: SceneSource {
    private let root: String
    private let frames: [NuScenesTables.Frame]
    /// The devkit's name of the split.
    private let evaluationSet: String
    private let format: BinFormat
    private let interpreter: PointInterpreter
    private let reading: ReadingOptions
    private let tally: ReadingTally

    private static let classMap = ClassMap(ClassLists.nuScenes)

    /// Opens a split; only the tables are read.
    ///
    /// Throws `SourceError` if tables or labels are missing.
    package init(_ settings: DataSettings, split: Split) throws {
        var options = SourceOptions(settings)
        let unlabelled = try options.flag("unlabelled")
        reading = try ReadingOptions(&options, centres: false, place: settings.place)
        format = BinFormat(columns: try BinFormat.columns(&options), settings.place)
        try options.finish()
        root = try SceneList.root(of: settings)
        let version = try Self.version(in: root, split: split, settings.place)
        let set = split == .training ? "train" : split == .validation ? "val" : "test"
        evaluationSet = version == "v1.0-mini" ? "mini_" + set : set
        let named = settings.sequences[split]
        let tables = try NuScenesTables(root + "/" + version) { scene in
            named?.contains(scene)
                ?? (split == .test || Self.isValidation(scene, version) == (split == .validation))
        }
        guard !tables.frames.isEmpty else {
            throw SourceError(
                "\(root)/\(version) has no key frames of "
                    + "\(named?.listed() ?? "the \(split.rawValue) scenes"): look at "
                    + "\(settings.place.sequences).")
        }
        if split != .test, !unlabelled,
            let frame = tables.frames.first(where: { $0.labels == nil })
        {
            throw SourceError(
                "The key frame \(frame.scan) has no labels in \(root)/\(version)/lidarseg.json: "
                    + "download nuScenes-lidarseg, or "
                    + "\(settings.place.setting("unlabelled", to: "true")) to learn from the teacher "
                    + "alone.")
        }
        frames = try evenly(settings.scenes[split], of: tables.frames, split: split)
        let sample = root + "/" + (frames.first?.scan ?? "")
        interpreter = try reading.interpreter(of: format, sample, settings)
        tally = ReadingTally(place: settings.place)
    }

    /// `"nuscenes"`.
    package var name: String { "nuscenes" }
    /// The 16 classes of the lidar segmentation challenge.
    package var classes: [String] { Self.classMap.classes }
    /// The label's number in the challenge: 1 to 16, and 0 for none.
    ///
    /// Files of labels have other numbers, those of the 32 categories.
    package func number(of label: Int32) -> Int? {
        label == Cloud.ignored || classes.indices.contains(Int(label)) ? Int(label) + 1 : nil
    }
    /// The labels of the numbers in a file: the challenge's, or those of the 32 categories.
    ///
    /// - Parameter numbers: all numbers of the file. A scan with only categories up to 16 does not
    ///   exist, since all contain the road (24) or the recording car (31).
    static func labels(
        ofNumbersLike numbers: [Int]
    ) -> @Sendable (_ number: Int) -> Int32? {
        guard numbers.contains(where: { $0 > 16 }) else {
            return { (0...16).contains($0) ? Int32($0) - 1 : nil }
        }
        return { classMap.label(of: $0) }
    }

    /// The devkit's colours.
    package var palette: [Palette.Colour] { Self.classMap.palette }
    /// Intensity and ring.
    package var channels: [ChannelSpecification] { interpreter.channels }
    /// The number of key frames.
    package var count: Int { frames.count }
    /// The scene and the scan's token.
    package func name(of index: Int) -> String { frames[index].scene + "/" + frames[index].token }

    /// The path in a submission to the challenge: `lidarseg/val/TOKEN`.
    package func predictionPath(of index: Int) -> String {
        "lidarseg/\(evaluationSet)/\(frames[index].token)"
    }

    /// The description of a submission: what the predictions rest on.
    package var submissionFiles: [String: String] {
        [
            "\(evaluationSet)/submission.json": """
            {"meta": {"use_camera": false, "use_lidar": true, "use_radar": false, \
            "use_map": false, "use_external": false}}

            """
        ]
    }

    /// The `.pcd.bin` file.
    package func file(of index: Int) -> String? { root + "/" + frames[index].scan }

    /// The options of reading that differ from nuScenes' own.
    package var readingOptions: [String: Double] {
        reading.changed.merging(format.readingOptions) { own, _ in own }
    }

    /// Counts of what was left out or changed.
    package var remarks: [String] { tally.remarks }

    /// Reads a key frame; labels are empty if it has none.
    package func scene(at index: Int) throws -> Cloud { try read(index).cloud }

    /// Reads a key frame with what was left out.
    package func read(_ index: Int) throws -> ReadScene {
        let frame = frames[index]
        let path = root + "/" + frame.scan
        var tables = try format.records(of: path).tables
        if let labels = frame.labels { tables.append(try Self.labels(root + "/" + labels)) }
        let scene = try interpreter.scene(
            from: PointRecords(path: path, tables), label: Self.classMap.label(of:))
        tally.add(scene, name: name(of: index))
        return scene
    }

    // MARK: - Files

    /// The file of labels: a byte for each point.
    private static func labels(_ path: String) throws -> RecordTable {
        let file = try InputFile(path)
        try file.refuseForeign(as: "a file of labels")
        let bytes = try file.all()
        return RecordTable(
            file: path, bytes: bytes, stride: 1, count: bytes.count,
            fields: [RecordField(name: "label", type: .uint8, offset: 0)], location: .byte(0))
    }

    // MARK: - Splits

    private static func version(
        in root: String, split: Split, _ place: SettingsPlace
    ) throws -> String {
        let versions = split == .test ? ["v1.0-test"] : ["v1.0-trainval", "v1.0-mini"]
        guard let version = versions.first(where: { Folders.isFolder(root + "/" + $0) }) else {
            throw SourceError(
                "\(root) has no folder \(versions.listed(or: true)): "
                    + "\(place.folder("the folder into which nuScenes was unpacked")).",
                isAbsence: true)
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
