import Formats
import ZipArchives

/// Scans in `.bin` files: rows of little-endian Float32 without a header, as KITTI and nuScenes
/// publish them.
enum BinScans {
    /// Opens the source `bin`.
    ///
    /// Options: `columns` (the number of values of a point; 5 in files called `.pcd.bin`, else 4), and
    /// those of ``ScanSource``.
    static func open(_ settings: DataSettings, split: Split) throws -> any SceneSource {
        var settings = settings
        // Files without names of fields have no labels unless a column is named.
        if settings.fields["label"] == nil {
            settings.options["unlabelled"] = settings.options["unlabelled"] ?? 1
        }
        var options = SourceOptions(settings)
        let columns = try BinFormat.columns(&options)
        settings.options[BinFormat.option] = nil
        return try ScanSource(
            "bin", settings, split: split, format: BinFormat(columns: columns, settings.place))
    }
}

/// The format of `.bin` files.
///
/// The columns are x, y, z, intensity, and `ring` in nuScenes' files; further ones are `column[4]`,
/// `column[5]` and so on, for `data.fields` to name.
struct BinFormat: ScanFormat {
    /// The number of columns if it was stated.
    let columns: Int?
    private let place: SettingsPlace

    /// The option that states the number of columns.
    static let option = "columns"
    /// The numbers of columns that a file may have.
    static let allowed = 3...64

    let kind = SceneList.Kind.files([".pcd.bin", ".bin"])

    init(columns: Int? = nil, _ place: SettingsPlace = .recipe) {
        self.columns = columns
        self.place = place
    }

    /// Reads the number of columns, if it is stated.
    static func columns(_ options: inout SourceOptions) throws -> Int? {
        let stated = try options.whole(option, default: 0, in: allowed)
        return stated == 0 ? nil : stated
    }

    private static func isNuScenes(_ path: String) -> Bool {
        path.lowercased().hasSuffix(".pcd.bin")
    }

    private func width(of path: String) -> Int { columns ?? (Self.isNuScenes(path) ? 5 : 4) }

    func names(of path: String) -> [String] {
        let usual =
            ["x", "y", "z", "intensity"] + (Self.isNuScenes(path) ? ["ring"] : [])
        return (0..<width(of: path)).map { $0 < usual.count ? usual[$0] : "column[\($0)]" }
    }

    func fieldNames(of path: String) throws -> [String] {
        try check(InputFile(path))
        return names(of: path)
    }

    func records(of path: String) throws -> PointRecords {
        let file = try InputFile(path)
        try check(file)
        let names = names(of: path)
        let table = RecordTable(
            file: path, bytes: try file.all(), stride: 4 * names.count,
            count: file.size / (4 * names.count),
            fields: names.enumerated().map {
                RecordField(name: $1, type: .float32, offset: 4 * $0)
            }, location: .byte(0))
        return try PointRecords(path: path, [table])
    }

    func fullScale(of channel: FieldPlan.Channel, in path: String) -> FullScale? {
        guard Self.isNuScenes(path), channel.fields == ["intensity"] else { return nil }
        // Given, not measured: scans differ in their brightest point, and a scale measured on some
        // would give other scans other intensities.
        return FullScale(255, because: "intensity is 'intensity' / 255, as nuScenes has it")
    }

    var readingOptions: [String: Double] { columns.map { [Self.option: Double($0)] } ?? [:] }

    /// The number of points and columns, and other numbers of columns that fit the file's size.
    func notes(of path: String) throws -> [String] {
        let size = try InputFile(path).size
        let names = names(of: path)
        let note =
            "\(path) has \(size / (4 * names.count)) points of \(names.count) numbers "
            + "(\(names.joined(separator: ", ")))"
        let others = Self.fitting(size).filter { $0 != names.count }
        guard columns == nil, size > 0, !others.isEmpty else { return [note] }
        // A file without a header does not say what its rows are.
        return [
            note + "; its \(size) bytes would also be points of "
                + others.map(String.init).listed(or: true) + " numbers, of which "
                + "\(place.option(Self.option)) can state the number"
        ]
    }

    /// Common numbers of columns that divide a size.
    private static func fitting(_ size: Int) -> [Int] { (3...8).filter { size % (4 * $0) == 0 } }

    private func check(_ file: InputFile) throws {
        try file.refuseForeign(as: "a scan")
        let width = width(of: file.path)
        let excess = file.size % (4 * width)
        guard excess != 0 else { return }
        let others = Self.fitting(file.size)
        let advice =
            others.isEmpty
            ? "copy the file again"
            : "points of \(others.map(String.init).listed(or: true)) numbers would fit: "
                + place.setting(Self.option, to: others.count == 1 ? "\(others[0])" : "NUMBER")
                + ", or copy the file again"
        throw file.damaged(
            at: file.size - excess,
            "has \(file.size) bytes, which is no whole number of points of \(width) numbers "
                + "(\(names(of: file.path).joined(separator: ", ")))", advice: advice)
    }
}

extension ReadingOptions {
    /// The interpreter of a published data set's `.bin` files, whose labels are in other files.
    func interpreter(
        of format: BinFormat, _ sample: String, _ settings: DataSettings
    ) throws -> PointInterpreter {
        var request = FieldPlan.FieldRequest()
        request.fields = settings.fields
        request.channels = settings.channels
        request.place = settings.place
        var plan = try FieldPlan(names: format.names(of: sample), request: request, file: sample)
        plan.label = "label"
        var scales = self.scales.filter { scale in plan.channels.contains { $0.name == scale.key } }
        for channel in plan.channels where channel.name == "intensity" && scales["intensity"] == nil
        {
            scales["intensity"] =
                format.fullScale(of: channel, in: sample)
                ?? FullScale(1, because: "intensity is 'intensity', from 0 to 1 as KITTI has it")
        }
        return interpreter(plan, scales: scales, adviceOnLabels: "use the labels as published")
    }
}
