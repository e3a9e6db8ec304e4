import Formats
import ZipArchives

/// S3DIS: 272 rooms of six areas, scanned indoors (Armeni et al., "3D semantic parsing of
/// large-scale indoor spaces", CVPR 2016), as downloaded (`Area_1/office_1/Annotations/*.txt`) or
/// in Pointcept's layout (`Area_1/office_1/coord.npy` …).
///
/// Area 5 is for validation and the others for training, as in most papers; `data.sequences` can
/// name other areas or rooms. Options: see ``ScanSource``.
enum S3DIS {
    static func open(_ settings: DataSettings, split: Split) throws -> any SceneSource {
        let defaults = ScanSource.Defaults(
            classes: ClassLists.s3dis, centres: true,
            folders: { split in
                switch split {
                case .training: [1, 2, 3, 4, 6].map { "Area_\($0)" }
                case .validation: ["Area_5"]
                case .test: []
                }
            })
        return try ScanSource(
            "s3dis", settings, split: split, format: S3DISRooms(), defaults: defaults)
    }
}

/// The format of a room of S3DIS: a text file for each object, or arrays.
struct S3DISRooms: ScanFormat {
    private let arrays = NumPyScenes()
    private static let objects = "/Annotations"

    let kind = SceneList.Kind(
        plural: "rooms (folders with Annotations or a coord.npy)", suffixes: []
    ) { path in
        Folders.isFolder(path + objects) || Folders.exists(path + "/coord.npy")
    }

    func fieldNames(of path: String) throws -> [String] {
        isRaw(path) ? Self.fields.map(\.name) : try arrays.fieldNames(of: path)
    }

    func records(of path: String) throws -> PointRecords {
        guard isRaw(path) else { return try arrays.records(of: path) }
        let folder = path + Self.objects
        let objects = try Folders.stems(in: folder, suffix: ".txt")
        var bytes: [UInt8] = []
        for (instance, object) in objects.enumerated() {
            try Self.append(folder + "/" + object + ".txt", named: object, instance, to: &bytes)
        }
        let table = RecordTable(
            file: path, bytes: bytes, stride: Self.size, count: bytes.count / Self.size,
            fields: Self.fields, location: .point(0))
        return try PointRecords(path: path, [table])
    }

    private func isRaw(_ path: String) -> Bool { Folders.isFolder(path + Self.objects) }

    // MARK: - Text

    private static let size = 30
    private static let fields: [RecordField] =
        ["x", "y", "z"].enumerated().map {
            RecordField(name: $1, type: .float64, offset: 8 * $0)
        }
        + ["red", "green", "blue"].enumerated().map {
            RecordField(name: $1, type: .uint8, offset: 24 + $0)
        } + [
            RecordField(name: "label", type: .uint8, offset: 27),
            RecordField(name: "instance", type: .uint16, offset: 28),
        ]

    /// Appends an object's points: a line is x, y, z, red, green, blue.
    private static func append(
        _ path: String, named object: String, _ instance: Int, to bytes: inout [UInt8]
    ) throws {
        let kind = object.prefix { $0 != "_" }
        // A few rooms have stairs, which the benchmark counts as clutter.
        let name = kind == "stairs" ? "clutter" : String(kind)
        guard let label = ClassLists.s3dis.entries.firstIndex(where: { $0.name == name }) else {
            throw SourceError(
                "The file \(path) is of an object '\(kind)', which S3DIS does not have: it has "
                    + "\(ClassLists.s3dis.entries.map(\.name).listed()).")
        }
        let file = try InputFile(path)
        try file.refuseForeign(as: "a text of points")
        var scanner = NumberScanner(try file.all(), of: file)
        var numbers: [Double] = []
        while true {
            let (line, offset) = (scanner.line, scanner.offset)
            guard try scanner.nextLine(into: &numbers) else { return }
            let colours = numbers.dropFirst(3).compactMap { UInt8(exactly: $0) }
            guard numbers.count == 6, colours.count == 3 else {
                throw file.damaged(
                    at: offset,
                    "has a line \(line) that is not x, y, z and a colour of three numbers from 0 "
                        + "to 255", advice: "mend the line or copy the file again")
            }
            for axis in 0..<3 { bytes.append(word64: numbers[axis].bitPattern) }
            bytes += colours
            bytes.append(UInt8(label))
            bytes.append(UInt8(truncatingIfNeeded: instance))
            bytes.append(UInt8(truncatingIfNeeded: instance >> 8))
        }
    }
}
