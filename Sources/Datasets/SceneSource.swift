package import Formats
package import PointClouds
import Tensors

/// A named, ordered list of labelled scenes, which every reader and generator provides.
///
/// Classes and channels are known before a scene is read. Scenes are independent: they are read in
/// any order and on any thread, and an index gives the same cloud, point for point, every time and
/// on every host. `checkSource(_:scenes:)` of DatasetTesting checks a source for these properties.
package protocol SceneSource: Sendable {
    /// The source's name in messages and in the catalogue, such as `"semantickitti"`.
    var name: String { get }
    /// The names of the classes; a point's label is a place in this list or ``Cloud/ignored``.
    var classes: [String] { get }
    /// The channels of every cloud, in order.
    var channels: [ChannelSpecification] { get }
    /// The number of a label in the data set's files and in predictions; nil for an invalid label.
    func number(of label: Int32) -> Int?
    /// A colour for each class.
    var palette: [Palette.Colour] { get }
    /// Sentences about settings that the source has detected in its files.
    var notes: [String] { get }
    /// Options with which other scans are read in the same way, including detected ranges of
    /// values.
    var readingOptions: [String: Double] { get }
    /// Sentences about files that cannot be used, found when the source was opened.
    ///
    /// ``SourceCatalogue/open(_:split:)`` throws for such files; reading their scenes fails too.
    var faults: [String] { get }
    /// Sentences about values and points that were changed or left out in the scenes read so far.
    var remarks: [String] { get }
    /// The number of scenes.
    var count: Int { get }

    /// The name of a scene, unique within the source, such as `"08/000003"`.
    func name(of index: Int) -> String
    /// The file of the scene's points; nil for generated scenes.
    func file(of index: Int) -> String?
    /// The path of the scene's predictions below an output folder, without a suffix: the layout that
    /// the data set's benchmark takes.
    func predictionPath(of index: Int) -> String
    /// Further files of a submission to the data set's benchmark, by their paths below the output
    /// folder.
    var submissionFiles: [String: String] { get }
    /// The scene's recording: the name by which `data.sequences` selects it.
    func recording(of index: Int) -> String
    /// A number that identifies the scene in every run; scenes with different points have different
    /// numbers.
    ///
    /// The number is the key of random numbers and of knowledge packs.
    func sampleID(of index: Int) -> UInt64
    /// Reads or generates a scene.
    ///
    /// Throws `SourceError` if the scene cannot be used.
    func scene(at index: Int) throws -> Cloud
    /// Reads a scene with what was left out of its file.
    func read(_ index: Int) throws -> ReadScene
    /// Starts fetching scenes that will be read soon, if they are on another machine.
    ///
    /// Returns at once; `then` is called, on any thread, when the scenes can be read without
    /// waiting.
    func prefetch(_ indices: [Int], then: @escaping @Sendable () -> Void)
}

extension SceneSource {
    /// Distinct colours, for sources without a palette of their own.
    package var palette: [Palette.Colour] { Palette.distinct(classes.count) }

    /// The label itself; 0 for points without a class.
    package func number(of label: Int32) -> Int? {
        label == Cloud.ignored
            ? 0 : classes.indices.contains(Int(label)) ? Int(label) : nil
    }

    /// No notes.
    package var notes: [String] { [] }

    /// No faults.
    package var faults: [String] { [] }

    /// No remarks.
    package var remarks: [String] { [] }

    /// The scene, of which nothing was left out.
    package func read(_ index: Int) throws -> ReadScene {
        ReadScene(cloud: try scene(at: index))
    }

    /// No file: the scenes are generated.
    package func file(of index: Int) -> String? { nil }

    /// The scene's name.
    package func predictionPath(of index: Int) -> String { name(of: index) }

    /// No files.
    package var submissionFiles: [String: String] { [:] }

    /// No options.
    package var readingOptions: [String: Double] { [:] }

    /// Calls `then` at once: the scenes are on this machine.
    package func prefetch(_ indices: [Int], then: @escaping @Sendable () -> Void) { then() }

    /// The part of the scene's name before its first slash.
    package func recording(of index: Int) -> String {
        name(of: index).split(separator: "/").first.map(String.init) ?? ""
    }

    /// A hash of the names of source and scene.
    package func sampleID(of index: Int) -> UInt64 { fnv1a(name + "/" + name(of: index)) }
}

/// The use of scenes; the splits are disjoint.
package enum Split: String, Sendable, Codable, CaseIterable {
    /// Scenes for computing gradients.
    case training
    /// Scenes for choosing the best student.
    case validation
    /// Scenes for the final measurement, on which nothing is chosen.
    case test
}
