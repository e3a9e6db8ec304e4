import PointClouds

/// From SemanticKITTI's raw labels to the 19 classes of its single-scan benchmark, and back.
///
/// The official `learning_map`, `learning_map_inv` and `color_map` (semantic-kitti-api,
/// `config/semantic-kitti.yaml`): moving objects are folded into their static classes; unlabelled
/// points, outliers, other structures and other objects are ignored. The benchmark counts classes
/// from 1 with 0 for ignored; here they count from 0 with ``Cloud/ignored``.
public struct LearningMap: Sendable {
    /// One class of the benchmark.
    struct Class {
        let name: String
        /// What predictions of it are written as.
        let raw: UInt16
        /// Everything that is read as it.
        let folded: [UInt16]
        let colour: Palette.Colour
    }

    /// The benchmark's map.
    public static let singleScan = LearningMap()

    static let table: [Class] = [
        Class(name: "car", raw: 10, folded: [10, 252], colour: .init(100, 150, 245)),
        Class(name: "bicycle", raw: 11, folded: [11], colour: .init(100, 230, 245)),
        Class(name: "motorcycle", raw: 15, folded: [15], colour: .init(30, 60, 150)),
        Class(name: "truck", raw: 18, folded: [18, 258], colour: .init(80, 30, 180)),
        Class(
            name: "other-vehicle", raw: 20, folded: [13, 16, 20, 256, 257, 259],
            colour: .init(0, 0, 255)),
        Class(name: "person", raw: 30, folded: [30, 254], colour: .init(255, 30, 30)),
        Class(name: "bicyclist", raw: 31, folded: [31, 253], colour: .init(255, 40, 200)),
        Class(name: "motorcyclist", raw: 32, folded: [32, 255], colour: .init(150, 30, 90)),
        Class(name: "road", raw: 40, folded: [40, 60], colour: .init(255, 0, 255)),
        Class(name: "parking", raw: 44, folded: [44], colour: .init(255, 150, 255)),
        Class(name: "sidewalk", raw: 48, folded: [48], colour: .init(75, 0, 75)),
        Class(name: "other-ground", raw: 49, folded: [49], colour: .init(175, 0, 75)),
        Class(name: "building", raw: 50, folded: [50], colour: .init(255, 200, 0)),
        Class(name: "fence", raw: 51, folded: [51], colour: .init(255, 120, 50)),
        Class(name: "vegetation", raw: 70, folded: [70], colour: .init(0, 175, 0)),
        Class(name: "trunk", raw: 71, folded: [71], colour: .init(135, 60, 0)),
        Class(name: "terrain", raw: 72, folded: [72], colour: .init(150, 240, 80)),
        Class(name: "pole", raw: 80, folded: [80], colour: .init(255, 240, 150)),
        Class(name: "traffic-sign", raw: 81, folded: [81], colour: .init(255, 0, 0)),
    ]

    /// Unlabelled, outlier, other structure, other object.
    static let ignored: [UInt16] = [0, 1, 52, 99]

    /// A place for raw labels that the data set does not have.
    private static let unknown: Int32 = -2
    /// By raw label.
    private let classOf: [Int32]

    private init() {
        var classOf = [Int32](repeating: Self.unknown, count: 260)
        for raw in Self.ignored { classOf[Int(raw)] = Cloud.ignored }
        for (index, entry) in Self.table.enumerated() {
            for raw in entry.folded { classOf[Int(raw)] = Int32(index) }
        }
        self.classOf = classOf
    }

    /// Names of the 19 classes.
    public var classes: [String] { Self.table.map(\.name) }

    /// Their official colours.
    public var palette: [Palette.Colour] { Self.table.map(\.colour) }

    /// The class of a raw label (a word's low half), ``Cloud/ignored`` for points that are not
    /// scored, nil for a label that SemanticKITTI does not have.
    public func label(ofRaw raw: UInt16) -> Int32? {
        guard Int(raw) < classOf.count, classOf[Int(raw)] != Self.unknown else { return nil }
        return classOf[Int(raw)]
    }

    /// The raw label that stands for a class in written predictions; 0 for ``Cloud/ignored``.
    public func raw(of label: Int32) -> UInt16? {
        if label == Cloud.ignored { return 0 }
        guard Self.table.indices.contains(Int(label)) else { return nil }
        return Self.table[Int(label)].raw
    }

    /// Writes predicted classes as the benchmark's server and tools read them.
    public func writePredictions(_ labels: [Int32], to path: String) throws {
        let words = try labels.enumerated().map { index, label in
            guard let raw = raw(of: label) else {
                throw SourceError(
                    "Point \(index) of the predictions for \(path) has class \(label): "
                        + "SemanticKITTI has classes 0 to \(Self.table.count - 1), "
                        + "and \(Cloud.ignored) for none.")
            }
            return UInt32(raw)
        }
        try LabelFile.write(words, to: path)
    }
}
