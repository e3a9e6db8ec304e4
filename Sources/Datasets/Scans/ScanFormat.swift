import Formats

/// A format of scans: how a file or folder becomes records.
///
/// A new format is a conformance and a source made of it, see ``ScanSource``.
protocol ScanFormat: Sendable {
    /// What is a scene in this format.
    var kind: SceneList.Kind { get }

    /// The names of a scene's fields, without reading its points.
    func fieldNames(of path: String) throws -> [String]

    /// Everything a scene's files say of its points.
    func records(of path: String) throws -> PointRecords

    /// The number that stands for 1 in a channel, where the format says so whatever the values.
    func fullScale(of channel: FieldPlan.Channel) -> FullScale?
}

extension ScanFormat {
    func fullScale(of channel: FieldPlan.Channel) -> FullScale? { nil }
}
