import Formats
import ZipArchives

/// The frames of a SemanticKITTI download, with the paths of scans and labels.
struct FrameList: Sendable {
    struct Frame: Sendable {
        /// The frame's name, such as `"08/000003"`.
        let name: String
        let scan: String
        /// The path of the labels; nil if the sequence has none.
        let labels: String?
    }

    let frames: [Frame]
    /// Sentences about scans without labels, if labels are required.
    let faults: [String]

    /// The sequences of the official split.
    static let official: [Split: [String]] = [
        .training: ["00", "01", "02", "03", "04", "05", "06", "07", "09", "10"],
        .validation: ["08"],
        .test: (11...21).map(String.init),
    ]

    /// Lists the frames of the named sequences in order, or those of the official split that exist.
    init(
        path: String, sequences named: [String]?, split: Split, labelsRequired: Bool,
        place: SettingsPlace
    ) throws {
        let folder = try Self.sequencesFolder(path, place)
        var sequences = (named ?? []).map { name in
            // YAML reads 08 as a number, and some tools write it back as 8.
            let isShort = name.count == 1 && !Folders.isFolder(folder + "/" + name)
            return isShort ? "0" + name : name
        }
        if named == nil {
            let official = Self.official[split] ?? []
            sequences = official.filter { Folders.isFolder(folder + "/" + $0) }
            guard !sequences.isEmpty else {
                throw SourceError(
                    "\(folder) has none of the official \(split.rawValue) sequences "
                        + "(\(official.listed())): name those to use under \(place.sequences).",
                    isAbsence: true)
            }
        }
        var faults: [String] = []
        frames = try sequences.flatMap { sequence in
            try Self.frames(
                of: sequence, in: folder + "/" + sequence, labelsRequired: labelsRequired, place,
                &faults)
        }
        self.faults = faults
        guard !frames.isEmpty else {
            throw SourceError(
                "The \(split.rawValue) split has no frames in \(folder): "
                    + "name its sequences under \(place.sequences).")
        }
    }

    /// The download's `sequences` folder, with or without the `dataset` level above it.
    private static func sequencesFolder(
        _ path: String, _ place: SettingsPlace
    ) throws -> String {
        guard Folders.isFolder(path) else {
            throw SourceError(
                "There is no folder \(path): "
                    + place.folder("the folder that holds SemanticKITTI's 'dataset' or 'sequences'")
                    + ".")
        }
        for candidate in ["/dataset/sequences", "/sequences"]
        where Folders.isFolder(path + candidate) {
            return path + candidate
        }
        throw SourceError(
            "The folder \(path) holds neither dataset/sequences nor sequences: "
                + place.folder("the folder into which SemanticKITTI was unpacked") + ".")
    }

    private static func frames(
        of sequence: String, in folder: String, labelsRequired: Bool, _ place: SettingsPlace,
        _ faults: inout [String]
    ) throws -> [Frame] {
        guard Folders.isFolder(folder + "/velodyne") else {
            throw SourceError(
                "Sequence \(sequence) has no folder \(folder)/velodyne: download its scans or "
                    + "take it out of \(place.sequences).")
        }
        let labelled = Folders.isFolder(folder + "/labels")
        guard labelled || !labelsRequired else {
            throw SourceError(
                "Sequence \(sequence) has no folder \(folder)/labels: download its labels, or "
                    + "\(place.setting("unlabelled", to: "true")) to learn from the teacher alone.")
        }
        let labels = labelled ? try Folders.stems(in: folder + "/labels", suffix: ".label") : []
        // A set, since every scan of a sequence is looked up in it.
        let known = Set(labels)
        return try Folders.stems(in: folder + "/velodyne", suffix: ".bin").map { stem in
            let isLabelled = known.contains(stem)
            if labelled, !isLabelled, labelsRequired {
                faults.append(
                    "The scan \(folder)/velodyne/\(stem).bin has no labels: "
                        + "\(folder)/labels/\(stem).label is missing.")
            }
            return Frame(
                name: sequence + "/" + stem, scan: "\(folder)/velodyne/\(stem).bin",
                labels: isLabelled ? "\(folder)/labels/\(stem).label" : nil)
        }
    }
}
