import Formats

/// A format of scans, which reads a file or folder as records.
///
/// A new format is a conformance with a source made of it; see ``ScanSource``.
protocol ScanFormat: Sendable {
    /// The files or folders that are scenes in this format.
    var kind: SceneList.Kind { get }

    /// The names of a scene's fields; points are not read.
    func fieldNames(of path: String) throws -> [String]

    /// Reads all fields of a scene's points.
    func records(of path: String) throws -> PointRecords

    /// The number that stands for 1 in a channel of a file, if the format defines it.
    func fullScale(of channel: FieldPlan.Channel, in path: String) -> FullScale?

    /// Options of the format with which other files are read in the same way.
    var readingOptions: [String: Double] { get }

    /// Sentences about assumptions that a file does not confirm.
    func notes(of path: String) throws -> [String]
}

extension ScanFormat {
    func fullScale(of channel: FieldPlan.Channel, in path: String) -> FullScale? { nil }
    var readingOptions: [String: Double] { [:] }
    func notes(of path: String) throws -> [String] { [] }
}
