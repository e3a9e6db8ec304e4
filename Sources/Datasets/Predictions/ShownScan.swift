import Formats
import Foundation
package import PointClouds
import ZipArchives

/// A scan with the classes of its labels, for pictures.
package struct ShownScan: Sendable {
    /// The points, with labels if the data set or the file has them.
    package var cloud: Cloud { scene.cloud }
    /// Sentences about what was changed or left out when the scan was read.
    package let remarks: [String]
    private let scene: ReadScene
    /// Names of the classes.
    package let classes: [String]
    /// A colour for each class.
    package let palette: [Palette.Colour]
    /// The scan's name.
    package let name: String
    private let label: @Sendable (Int) -> Int32?
    /// Whether files of labels and files of predictions have different numbers.
    private let isNuScenes: Bool

    /// A scene of a source.
    package init(scene index: Int, of source: any SceneSource) throws {
        guard (0..<source.count).contains(index) else {
            throw SourceError(
                "There is no scene \(index): \(source.name) has \(source.count) in this split, "
                    + "counted from 0.")
        }
        scene = try source.read(index)
        remarks = source.remarks
        classes = source.classes
        palette = source.palette
        name = source.name(of: index)
        let labels = Dictionary(
            (-1..<Int32(source.classes.count)).compactMap { label in
                source.number(of: label).map { ($0, label) }
            }
        ) { $1 }
        label = { labels[$0] }
        isNuScenes = source.name == "nuscenes"
    }

    /// Reads a file of any supported format, or a folder of arrays.
    ///
    /// Labels are read from a field of labels, or for KITTI's scans from the folder `labels` beside
    /// `velodyne`.
    ///
    /// - Parameters:
    ///   - settings: the data set whose fields and options apply, if it is known.
    ///   - options: options of reading that take precedence.
    ///   - list: the classes; nil for the usual classes of such files, or a class for each number.
    package init(
        _ path: String, like settings: DataSettings? = nil, options: [String: Double] = [:],
        classes list: ClassList? = nil
    ) throws {
        let kind = ScanKind(path)
        let place = URL(fileURLWithPath: path)
        name = place.lastPathComponent
        let usual =
            switch kind {
            case .kitti: ClassLists.semanticKITTI
            case .nuScenes: ClassLists.nuScenes
            case .las: ClassLists.numbers(named: ClassLists.asprs)
            case .ply, .pcd, .other: ClassLists.numbers()
            }
        let map = ClassMap(list ?? usual)
        let source = try NamedScans.source(
            of: path, like: settings, options: options, classes: map.list)
        var scene = try source.read(0)
        remarks = source.remarks
        if kind == .kitti, let labels = Self.labelFile(beside: place) {
            let all = try Self.labels(in: labels, of: scene.records) { map.label(of: $0) }
            scene.cloud.labels = scene.rows.map { $0.map { all[Int($0)] } } ?? all
        }
        self.scene = scene
        classes = map.classes
        palette = map.palette
        label = { map.label(of: $0) }
        isNuScenes = [.kitti, .nuScenes].contains(kind) && map.list == ClassLists.nuScenes
    }

    /// The published labels of one of KITTI's scans; nil if there are none.
    private static func labelFile(beside scan: URL) -> String? {
        let folder = scan.deletingLastPathComponent()
        guard folder.lastPathComponent == "velodyne" else { return nil }
        let labels = folder.deletingLastPathComponent().appendingPathComponent(
            "labels/" + scan.deletingPathExtension().lastPathComponent + ".label"
        ).path
        return Folders.exists(labels) ? labels : nil
    }

    /// Reads the labels of this scan from a file of predictions or labels.
    package func labels(in file: String) throws -> [Int32] {
        let numbers = try Self.numbers(in: file, of: scene.records)
        let label = isNuScenes ? NuScenes.labels(ofNumbersLike: numbers) : label
        let all = try Self.labels(numbers, of: file, label)
        return scene.rows.map { $0.map { all[Int($0)] } } ?? all
    }

    private static func labels(
        in file: String, of points: Int, _ label: (Int) -> Int32?
    ) throws -> [Int32] {
        try labels(numbers(in: file, of: points), of: file, label)
    }

    private static func numbers(in file: String, of points: Int) throws -> [Int] {
        let numbers = try PredictionFile.read(file)
        // A file of labels does not name its scan; only the number of points can be compared.
        guard numbers.count == points else {
            throw SourceError(
                "\(file) has \(numbers.count) labels, but the scan has \(points) points: they do "
                    + "not belong together.")
        }
        return numbers
    }

    private static func labels(
        _ numbers: [Int], of file: String, _ label: (Int) -> Int32?
    ) throws -> [Int32] {
        try numbers.enumerated().map { row, number in
            guard let label = label(number) else {
                throw SourceError(
                    "\(file) has the class \(number) for point \(row), which is none of the "
                        + "scan's: name the right class list.")
            }
            return label
        }
    }
}
