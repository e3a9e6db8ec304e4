package import PointClouds
import Tensors
import ZipArchives

/// A source of which only some scenes keep their labels; the others lose them or are left out.
///
/// Scenes keep their names and numbers, so that views and knowledge packs remain valid.
package struct FewLabels: SceneSource {
    /// The source of all scenes, with all labels.
    package let source: any SceneSource
    /// The places of the participating scenes in the source.
    private let places: [Int]
    /// Whether each scene of the source keeps its labels.
    private let isLabelled: [Bool]

    /// The scenes of a source, of which those at `labelled` keep their labels.
    ///
    /// - Parameter dropsOthers: whether the other scenes are left out.
    package init(_ source: any SceneSource, labelled: [Int], dropsOthers: Bool) {
        precondition(!labelled.isEmpty, "No scene has labels.")
        self.source = source
        var isLabelled = [Bool](repeating: false, count: source.count)
        for place in labelled { isLabelled[place] = true }
        self.isLabelled = isLabelled
        // Sorted: the order of scans must not depend on the order in which their labels were drawn.
        places = dropsOthers ? labelled.sorted() : Array(0..<source.count)
    }

    /// The scenes of a source with the labels that the settings choose.
    ///
    /// - Parameter classesOfScenes: the classes of each scene's points. They are needed only if the
    ///   choice depends on them; without the argument, all scenes are then read.
    /// - Throws: `SourceError` if the source lacks the chosen scenes.
    package init(
        _ source: any SceneSource, _ settings: LabelledSettings,
        classesOfScenes: (() throws -> [Set<Int32>])? = nil
    ) throws {
        let places = try settings.places(in: source) {
            try classesOfScenes?() ?? (0..<source.count).map { try source.scene(at: $0).classes }
        }
        self.init(source, labelled: places, dropsOthers: settings.unlabelled == .drop)
    }

    /// The source's.
    package var name: String { source.name }
    /// The source's.
    package var classes: [String] { source.classes }
    /// The source's.
    package var channels: [ChannelSpecification] { source.channels }
    /// The source's.
    package var palette: [Palette.Colour] { source.palette }
    /// The source's.
    package var notes: [String] { source.notes }
    /// The source's.
    package var faults: [String] { source.faults }
    /// The source's.
    package var remarks: [String] { source.remarks }
    /// The number of participating scenes.
    package var count: Int { places.count }

    /// The source's.
    package func name(of index: Int) -> String { source.name(of: places[index]) }
    /// The source's.
    package func sampleID(of index: Int) -> UInt64 { source.sampleID(of: places[index]) }

    /// The source's.
    package var readingOptions: [String: Double] { source.readingOptions }
    /// The source's.
    package func file(of index: Int) -> String? { source.file(of: places[index]) }
    /// The source's.
    package func predictionPath(of index: Int) -> String {
        source.predictionPath(of: places[index])
    }
    /// The source's.
    package var submissionFiles: [String: String] { source.submissionFiles }
    /// The source's.
    package func recording(of index: Int) -> String { source.recording(of: places[index]) }
    /// The source's.
    package func number(of label: Int32) -> Int? { source.number(of: label) }

    /// The source's scene, without its labels unless it is among the chosen ones.
    package func scene(at index: Int) throws -> Cloud {
        var scene = try source.scene(at: places[index])
        // The scan stays: objectives that need no label still learn from it.
        if !isLabelled[places[index]] {
            scene.labels = [Int32](repeating: Cloud.ignored, count: scene.count)
        }
        return scene
    }

    /// The source's.
    package func prefetch(_ indices: [Int], then: @escaping @Sendable () -> Void) {
        source.prefetch(indices.map { places[$0] }, then: then)
    }

    /// The places of the labelled scenes among the participating ones.
    package var labelledPlaces: [Int] { places.indices.filter { isLabelled[places[$0]] } }

    /// The names of the labelled scenes, in the source's order.
    package var labelledNames: [String] {
        isLabelled.indices.filter { isLabelled[$0] }.map(source.name(of:))
    }
}

extension LabelledSettings {
    /// The places of the chosen scenes in a source, in ascending order.
    ///
    /// - Parameter classesOfScenes: the classes of each scene's points, which are computed only if
    ///   the choice depends on them.
    /// - Throws: `SourceError` if the source lacks the chosen scenes.
    package func places(
        in source: any SceneSource, classesOfScenes: () throws -> [Set<Int32>]
    ) throws -> [Int] {
        switch choice {
        case .percent(let percent):
            let wanted = (percent / 100 * Double(source.count)).rounded()
            // At least one scan, since a run without any label has nothing to validate its classes by.
            return draw(source).prefix(max(1, Int(wanted))).sorted()
        case .scans(let scans):
            guard scans <= source.count else {
                throw SourceError(
                    "data.labelled.scans is \(scans), but there are \(source.count) training "
                        + "scans: give a number from 1 to \(source.count).")
            }
            return draw(source).prefix(scans).sorted()
        case .scansPerClass(let wanted):
            let present = try classesOfScenes()
            var counts: [Int32: Int] = [:]
            let chosen = draw(source).filter { place in
                // A scan is taken if any of its classes still has too few. All its classes are then
                // counted, so that a larger number of scans per class takes the same scans and
                // more.
                let isWanted = present[place].contains { counts[$0, default: 0] < wanted }
                for label in present[place] { counts[label, default: 0] += 1 }
                return isWanted
            }
            guard !chosen.isEmpty else {
                throw SourceError(
                    "data.labelled asks for scans of each class, but no training scan has a label: "
                        + "look at data.classes and data.fields.")
            }
            return chosen.sorted()
        case .names(let names):
            // Names may occur twice; every machine must take the same scan of them, the first.
            let places = Dictionary(
                (0..<source.count).map { (source.name(of: $0), $0) }, uniquingKeysWith: min)
            let chosen = try names.map { name in
                guard let place = places[name] else {
                    throw SourceError(
                        "data.labelled.names has '\(name)', but no training scan is called so: "
                            + "they are called \(source.name(of: 0)), and so on.")
                }
                return place
            }
            return Set(chosen).sorted()
        }
    }

    /// All places of a source, in an order that depends only on the seed and the scenes' numbers.
    private func draw(_ source: any SceneSource) -> [Int] {
        // Keys depend on the scan alone, so the scans of 5 % are among those of 10 %, and a scan that is
        // added to the data changes the choice of no other.
        let keys = (0..<source.count).map { place in
            var generator = CounterGenerator(
                seed: seed, sample: source.sampleID(of: place), purpose: .init("labelled scans"))
            return generator.next()
        }
        return keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
    }
}

extension Cloud {
    /// The classes of the cloud's points.
    package var classes: Set<Int32> { Set(labels.lazy.filter { $0 >= 0 }) }
}
