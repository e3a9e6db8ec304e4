import Files
package import Formats
import Foundation
package import PointClouds
import ZipArchives

/// Individually named scans of any supported format: KITTI's and nuScenes' `.bin`, LAS, LAZ, PLY,
/// PCD, `.npz`, `.npy`, and folders in Pointcept's layout.
///
/// Every format is read by its source, so that options, checks and remarks are the same for all.
/// Fields and ranges are those of a given data set; without one they are detected and stated in
/// notes. Labels in the files are not read.
package struct NamedScans: Sendable {
    private struct Item: Sendable {
        let path: String
        let name: String
        let source: Result<any SceneSource, any Error>
    }

    private let items: [Item]
    private let tally = ReadingTally(place: .command)
    /// Sentences about settings detected in the files.
    package let notes: [String]

    /// Opens scans; of most only the headers are read.
    ///
    /// - Parameters:
    ///   - settings: the data set whose fields, channels and options apply.
    ///   - options: options that take precedence; each must be known to the format of a scan.
    ///   - keepsGoing: whether a scan that cannot be opened is an error only when it is read.
    package init(
        _ paths: [String], like settings: DataSettings?, options: [String: Double] = [:],
        keepsGoing: Bool = false
    ) throws {
        let named = try Self.names(of: paths)
        items = try zip(paths, named).map { path, name in
            let source = Result { try Self.unlabelled(path, settings, options) }
            if case .failure(let error) = source, !keepsGoing { throw error }
            return Item(path: path, name: name, source: source)
        }
        // A mistyped option concerns no scan in particular, so that no scan is to be blamed for it.
        if !items.isEmpty, !items.contains(where: { (try? $0.source.get()) != nil }) {
            _ = try items[0].source.get()
        }
        if options[BinFormat.option] != nil,
            !paths.contains(where: { Self.name(of: ScanKind($0)) == "bin" })
        {
            throw SourceError(
                "--option columns is for .bin scans, of which none is named: leave it out.")
        }
        notes = Self.notes(of: items)
    }

    /// The names of the scans' predictions; throws if two scans have the same one.
    private static func names(of paths: [String]) throws -> [String] {
        var known: [String: String] = [:]
        return try paths.map { path in
            var name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
            // The files end in .pcd.bin, of which one extension has been removed.
            if ScanKind(path) == .nuScenes, name.hasSuffix(".pcd") { name.removeLast(4) }
            // Predictions are written by name alone: the second file would replace the first. The
            // copy of a COPC file can lose this part of its name.
            let key = name.hasSuffix(".copc") ? String(name.dropLast(5)) : name
            if let other = known.updateValue(path, forKey: key) {
                throw SourceError(
                    "The scans \(other) and \(path) are both called \(name): label them one after "
                        + "the other, into folders of their own.")
            }
            return name
        }
    }

    /// A source of one scan whose labels are not read.
    private static func unlabelled(
        _ path: String, _ settings: DataSettings?, _ options: [String: Double]
    ) throws -> any SceneSource {
        // Labels are not read, so any class list serves.
        let classes = ClassList([.init("any", from: [Int.min])], ignoresRest: true)
        var request = settings ?? DataSettings(source: "")
        request.readsLabels = false
        return try source(of: path, like: request, options: options, classes: classes)
    }

    /// The notes of all scans; a note that several scans share is stated once.
    private static func notes(of items: [Item]) -> [String] {
        var notes: [String] = []
        var scales: [(path: String, options: [String: Double])] = []
        for item in items {
            guard let source = try? item.source.get() else { continue }
            notes += source.notes.filter { !notes.contains($0) }
            let own = source.readingOptions.filter { FullScale.options.values.contains($0.key) }
            let known = scales.first { $0.options != own && $0.options.keys == own.keys }
            // The same number would mean different intensities in the two files.
            if scales.count == 1, let known {
                let list = { (options: [String: Double]) in
                    options.sorted { $0.key < $1.key }.map { "\($0.key)=\(number($0.value))" }
                        .listed()
                }
                notes.append(
                    "\(known.path) is read with \(list(known.options)), but \(item.path) with "
                        + "\(list(own)): give --option if they are of the same kind")
            }
            if !own.isEmpty, !scales.contains(where: { $0.options == own }) {
                scales.append((item.path, own))
            }
        }
        return notes
    }

    /// The number of scans.
    package var count: Int { items.count }

    /// The name of a scan's file without its suffix.
    package func name(of index: Int) -> String { items[index].name }

    /// The path of a scan.
    package func file(of index: Int) -> String { items[index].path }

    /// Sentences about what was changed or left out in the scans read so far.
    package var remarks: [String] { tally.remarks }

    /// Reads a scan.
    package func scene(at index: Int) throws -> Cloud { try read(index).cloud }

    /// Reads a scan with what was left out of it.
    package func read(_ index: Int) throws -> ReadScene {
        var scene = try items[index].source.get().read(0)
        scene.cloud.labels = []
        tally.add(scene, name: items[index].path)
        return scene
    }

    /// The source that reads scans of a kind.
    private static func name(of kind: ScanKind) -> String {
        switch kind {
        case .las: "las"
        case .ply: "ply"
        case .pcd: "pcd"
        case .kitti, .nuScenes: "bin"
        case .other: "folder"
        }
    }

    /// A source of one scan, with given classes.
    ///
    /// - Parameters:
    ///   - given: the data set whose fields, channels and options apply.
    ///   - options: options that take precedence.
    static func source(
        of path: String, like given: DataSettings? = nil, options: [String: Double] = [:],
        classes: ClassList
    ) throws -> any SceneSource {
        guard Folders.exists(path) else {
            throw SourceError("There is no file \(path): name one that exists.")
        }
        // A pipe can be read only once and has no size, on which every reader's checks rest.
        let path = ScanKind.named(path)
        let kind = ScanKind(path)
        if !Folders.isFolder(path) { try check(InputFile(path), kind) }
        let place = URL(fileURLWithPath: path)
        var settings = DataSettings(
            source: name(of: kind), path: place.deletingLastPathComponent().path)
        settings.place = .command
        if let given {
            settings.fields = given.fields
            settings.channels = given.channels
            settings.options = given.options
            settings.readsLabels = given.readsLabels
            // LAS and nuScenes define a full scale, which another format's does not replace.
            let own = ["las": ["las"], "nuscenes": ["nuscenes", "bin"]]
            let family = kind == .nuScenes ? "nuscenes" : settings.source
            if let same = own[family], !(same + ["", "scans"]).contains(given.source) {
                for option in FullScale.options.values { settings.options[option] = nil }
            }
        }
        settings.options.merge(options) { $1 }
        if settings.source != "bin" { settings.options[BinFormat.option] = nil }
        settings.onlyScan = path
        settings.classes = .listed(classes)
        return try SourceCatalogue.open(settings, split: .test)
    }

    /// Throws if a file cannot be a scan.
    private static func check(_ file: InputFile, _ kind: ScanKind) throws {
        try file.refuseForeign(as: "a scan")
        let isArray = [".npy", ".npz"].contains { file.path.lowercased().hasSuffix($0) }
        guard kind == .other, !isArray else { return }
        // Without a signature or a known suffix nothing tells what the bytes are.
        guard try [.numPyArray, .zip].contains(file.signature()) else {
            throw file.isNot(
                "a scan", advice: "name a .las, .laz, .ply, .pcd, .bin, .npz or .npy file")
        }
    }
}
