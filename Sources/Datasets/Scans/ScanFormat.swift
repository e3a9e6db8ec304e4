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

    /// The number that stands for 1 in a channel, if the format defines it.
    func fullScale(of channel: FieldPlan.Channel) -> FullScale?
}

extension ScanFormat {
    func fullScale(of channel: FieldPlan.Channel) -> FullScale? { nil }
}
