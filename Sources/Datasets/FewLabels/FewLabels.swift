import Archives
package import PointClouds
import Tensors

/// A source of which only some scenes keep their labels; the others have none, or are not there.
///
/// Scenes keep their names and numbers, so views and knowledge packs are those of the source.
package struct FewLabels: SceneSource {
    /// All scenes, with the labels they have.
    package let source: any SceneSource
    /// The source's places of the scenes there are.
    private let places: [Int]
    /// Whether each scene of the source keeps its labels.
    private let isLabelled: [Bool]

    /// A source's scenes, of which those at `labelled` keep their labels.
    ///
    /// - Parameter dropsOthers: whether the others are left out.
    package init(_ source: any SceneSource, labelled: [Int], dropsOthers: Bool) {
        precondition(!labelled.isEmpty, "No scene has labels.")
        self.source = source
        var isLabelled = [Bool](repeating: false, count: source.count)
        for place in labelled { isLabelled[place] = true }
        self.isLabelled = isLabelled
        places = dropsOthers ? labelled.sorted() : Array(0..<source.count)
    }

    /// A source's scenes as settings choose them; those of no label take part unless told otherwise.
    ///
    /// - Parameter classesOfScenes: which classes each scene's points have; asked only where the
    ///   choice depends on it, and then read scene by scene unless given.
    /// - Throws: ``SourceError`` where the source has not what is asked for.
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
    /// How many scenes take part.
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
    package func recording(of index: Int) -> String { source.recording(of: places[index]) }
    /// The source's.
    package func number(of label: Int32) -> Int? { source.number(of: label) }

    /// The source's, without its labels unless it is one of the chosen.
    package func scene(at index: Int) throws -> Cloud {
        var scene = try source.scene(at: places[index])
        if !isLabelled[places[index]] {
            scene.labels = [Int32](repeating: Cloud.ignored, count: scene.count)
        }
        return scene
    }

    /// The source's.
    package func prefetch(_ indices: [Int], then: @escaping @Sendable () -> Void) {
        source.prefetch(indices.map { places[$0] }, then: then)
    }

    /// The places of the scenes with labels among those that take part.
    package var labelledPlaces: [Int] { places.indices.filter { isLabelled[places[$0]] } }

    /// The names of the scenes with labels, in the source's order.
    package var labelledNames: [String] {
        isLabelled.indices.filter { isLabelled[$0] }.map(source.name(of:))
    }
}

extension LabelledSettings {
    /// The places of the chosen scenes in a source, in ascending order.
    ///
    /// - Parameter classesOfScenes: which classes each scene's points have, scene by scene; asked
    ///   only where the choice depends on it.
    /// - Throws: ``SourceError`` where the source has not what is asked for.
    package func places(
        in source: any SceneSource, classesOfScenes: () throws -> [Set<Int32>]
    ) throws -> [Int] {
        switch choice {
        case .percent(let percent):
            let wanted = (percent / 100 * Double(source.count)).rounded()
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
                // Taken for the sake of any class that is still short of scans; as a class is then
                // counted whether or not the scan was taken for it, a larger wish takes the same
                // scans and more.
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

    /// All places of a source, in an order drawn from the seed and each scene's number alone.
    private func draw(_ source: any SceneSource) -> [Int] {
        let keys = (0..<source.count).map { place in
            var generator = CounterGenerator(
                seed: seed, sample: source.sampleID(of: place), purpose: .init("labelled scans"))
            return generator.next()
        }
        return keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
    }
}

extension Cloud {
    /// The classes its points have.
    package var classes: Set<Int32> { Set(labels.lazy.filter { $0 >= 0 }) }
}
