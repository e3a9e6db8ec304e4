package import Formats
package import PointClouds
import ZipArchives

/// SemanticKITTI: outdoor scans of a spinning 64-beam lidar with a label for every point (Behley
/// et al., "SemanticKITTI: a dataset for semantic scene understanding of LiDAR sequences", ICCV
/// 2019), read from the files as downloaded.
///
/// Options: `instances` (true: a channel `instance` with the number of the object, 0 for none,
/// which distinguishes regions and is not a feature), `unlabelled` (true: sequences without labels
/// are accepted for training), `columns` (the number of values of a point, 4 by default) and those of
/// ``ReadingOptions``.
package struct SemanticKITTI: SceneSource {
    private let frames: [FrameList.Frame]
    private let map = ClassMap(ClassLists.semanticKITTI)
    private let withInstances: Bool
    private let format: BinFormat
    private let interpreter: PointInterpreter
    private let reading: ReadingOptions
    private let tally: ReadingTally
    /// Sentences about scans without labels.
    package let faults: [String]

    /// Opens a split; scans are not read.
    ///
    /// Throws `SourceError` if folders or label files are missing.
    package init(_ settings: DataSettings, split: Split) throws {
        guard let path = settings.path else {
            throw SourceError(
                "The source 'semantickitti' reads files: set data.path to the folder that holds "
                    + "SemanticKITTI's 'dataset' or 'sequences'.")
        }
        var options = SourceOptions(settings)
        withInstances = try options.flag("instances")
        let unlabelled = try options.flag("unlabelled")
        reading = try ReadingOptions(&options, centres: false, place: settings.place)
        format = BinFormat(columns: try BinFormat.columns(&options), settings.place)
        try options.finish()
        let list = try FrameList(
            path: path, sequences: settings.sequences[split], split: split,
            labelsRequired: split != .test && !unlabelled, place: settings.place)
        frames = try evenly(settings.scenes[split], of: list.frames, split: split)
        faults = list.faults
        interpreter = try reading.interpreter(of: format, frames.first?.scan ?? path, settings)
        tally = ReadingTally(place: settings.place)
    }

    /// `"semantickitti"`.
    package var name: String { "semantickitti" }
    /// The 19 classes of the single-scan benchmark.
    package var classes: [String] { map.classes }
    /// The label's number in the official files.
    package func number(of label: Int32) -> Int? { map.number(of: label) }
    /// The official colours.
    package var palette: [Palette.Colour] { map.palette }
    /// Intensity, further columns if the files have some, and instance on request.
    package var channels: [ChannelSpecification] {
        interpreter.channels + (withInstances ? [ChannelSpecification("instance")] : [])
    }
    /// The options of reading that differ from KITTI's own.
    package var readingOptions: [String: Double] {
        reading.changed.merging(format.readingOptions) { own, _ in own }
    }
    /// Counts of what was left out or changed.
    package var remarks: [String] { tally.remarks }
    /// The number of frames.
    package var count: Int { frames.count }
    /// The sequence and the frame: `"08/000003"`.
    package func name(of index: Int) -> String { frames[index].name }
    /// The path in a submission to the benchmark: `sequences/11/predictions/000003`.
    package func predictionPath(of index: Int) -> String {
        let parts = frames[index].name.split(separator: "/")
        return "sequences/\(parts[0])/predictions/\(parts[1])"
    }
    /// The `.bin` file.
    package func file(of index: Int) -> String? { frames[index].scan }

    /// Reads a frame; labels are empty if its sequence has none.
    package func scene(at index: Int) throws -> Cloud { try read(index).cloud }

    /// Reads a frame with what was left out.
    package func read(_ index: Int) throws -> ReadScene {
        let frame = frames[index]
        var scene = try interpreter.scene(from: format.records(of: frame.scan)) { _ in nil }
        let words = try frame.labels.map { path in
            let all = try labels(in: path, for: scene.records, of: frame.scan)
            return scene.rows.map { $0.map { all[Int($0)] } } ?? all
        }
        if let words { scene.cloud.labels = try classes(of: words, in: frame.labels ?? "") }
        if withInstances {
            let instances = words?.map { Float($0 >> 16) }
            scene.cloud.channels.append(
                .init(
                    name: "instance",
                    // Every scan of a source has the same channels, also one without labels.
                    values: instances ?? [Float](repeating: 0, count: scene.cloud.count)))
        }
        tally.add(scene, name: frame.name)
        return scene
    }

    private func labels(in path: String, for points: Int, of scan: String) throws -> [UInt32] {
        let words = try LabelFile.read(path)
        // The formats share no identifier: the number of points is the only evidence of a mixed-up pair.
        guard words.count == points else {
            throw SourceError(
                "The file \(path) has \(words.count) labels for the \(points) points of "
                    + "\(scan): they are not of the same download.")
        }
        return words
    }

    private func classes(of words: [UInt32], in path: String) throws -> [Int32] {
        var unknown: [UInt16: Int] = [:]
        let classes = words.map { word in
            // The upper half of a word is the instance, the lower half the class.
            let raw = UInt16(truncatingIfNeeded: word)
            if let label = map.label(of: Int(raw)) { return label }
            // Counted to the end of the scan, so that one message names all of them.
            unknown[raw, default: 0] += 1
            return Cloud.ignored
        }
        guard unknown.isEmpty else {
            let listed = unknown.keys.sorted().prefix(8).map { raw in
                "\(raw) (\(unknown[raw, default: 0]) points)"
            }
            throw SourceError(
                "The file \(path) has labels that SemanticKITTI does not: "
                    + "\(Array(listed).listed()); use the labels as published.")
        }
        return classes
    }
}
