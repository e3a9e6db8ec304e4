import Formats

/// Airborne and terrestrial scans in LAS 1.0 to 1.4 and LAZ, with point formats 0 to 10 and extra
/// bytes.
enum LASScans {
    /// The source `las`.
    ///
    /// Classes are those of ASPRS unless the recipe lists others. Positions are relative to the
    /// centre of each scan. Options: see ``ScanSource``.
    static func open(_ settings: DataSettings, split: Split) throws -> any SceneSource {
        let defaults = ScanSource.Defaults(
            classes: ClassLists.asprs, centres: true,
            request: FieldPlan.FieldRequest(
                unusual: LASPointFormat.unusual,
                own: [FieldPlan.Channel(name: "near-infrared", fields: ["near-infrared"])]))
        return try ScanSource(
            "las", settings, split: split, format: LASFormat(), defaults: defaults)
    }
}

/// The format of LAS and LAZ files.
struct LASFormat: ScanFormat {
    let kind = SceneList.Kind.files([".las", ".laz"])

    func fieldNames(of path: String) throws -> [String] { try LASFile(path).fields.map(\.name) }

    func records(of path: String) throws -> PointRecords {
        try PointRecords(path: path, [LASFile(path).points()])
    }

    func fullScale(of channel: FieldPlan.Channel, in path: String) -> FullScale? {
        guard channel.name == "intensity", channel.fields == ["intensity"] else { return nil }
        return FullScale(
            65_535,
            because:
                "intensity is 'intensity' / 65535, as LAS has it; the option intensity-range "
                + "sets the number for a full one where a scanner gives fewer bits")
    }
}
