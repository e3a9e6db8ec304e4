package import PointClouds
import Tensors

/// A named, ordered list of labelled scenes: what every reader and generator of data is.
///
/// A source says what its scenes carry before any is read, and reads each on its own: no order of
/// reading is assumed, any thread may ask, and the same index gives the same cloud, point for
/// point, every time and on every host. ``checkSource(_:scenes:)`` holds a source to that.
package protocol SceneSource: Sendable {
    /// What the source is called in messages and in the catalogue: `"semantickitti"`.
    var name: String { get }
    /// Names of the classes; a point's label is a place in this list or ``Cloud/ignored``.
    var classes: [String] { get }
    /// Features of every point, in the order in which the clouds carry them.
    var channels: [ChannelSpecification] { get }
    /// The number that the data set's files write for a label, and predictions should; nil for a
    /// label that is none.
    func number(of label: Int32) -> Int?
    /// A colour for each class.
    var palette: [Palette.Colour] { get }
    /// What the source found out by itself and did not need to be told: sentences for people.
    var notes: [String] { get }
    /// Options that make other scans be read as these are, where ranges of values were found out.
    var readingOptions: [String: Double] { get }
    /// How many scenes.
    var count: Int { get }

    /// The name of a scene, distinct within the source: `"08/000003"`.
    func name(of index: Int) -> String
    /// The file of the scene's points; nil for one that is made.
    func file(of index: Int) -> String?
    /// The name by which `data.sequences` takes the scene, alone or with its neighbours: the
    /// recording it is of.
    func recording(of index: Int) -> String
    /// A number that identifies the scene and stays the same from run to run: what randomness and
    /// knowledge packs are keyed by. Two scenes with different points have different numbers.
    func sampleID(of index: Int) -> UInt64
    /// Reads or makes a scene. Throws ``SourceError`` when the scene cannot be used.
    func scene(at index: Int) throws -> Cloud
    /// Starts to fetch scenes that will be read soon from the machine that has them.
    ///
    /// Returns at once; `then` is called, on any thread, when reading them need not wait.
    func prefetch(_ indices: [Int], then: @escaping @Sendable () -> Void)
}

extension SceneSource {
    /// Colours that are told apart easily, for sources without a palette of their own.
    package var palette: [Palette.Colour] { Palette.distinct(classes.count) }

    /// The label itself; 0 for points without a class.
    package func number(of label: Int32) -> Int? {
        label == Cloud.ignored
            ? 0 : classes.indices.contains(Int(label)) ? Int(label) : nil
    }

    /// Nothing.
    package var notes: [String] { [] }

    /// None.
    package func file(of index: Int) -> String? { nil }

    /// Nothing.
    package var readingOptions: [String: Double] { [:] }

    /// Calls `then` at once: the scenes are on this machine.
    package func prefetch(_ indices: [Int], then: @escaping @Sendable () -> Void) { then() }

    /// What stands before the first slash of the scene's name.
    package func recording(of index: Int) -> String {
        name(of: index).split(separator: "/").first.map(String.init) ?? ""
    }

    /// A hash of the source's and the scene's names.
    package func sampleID(of index: Int) -> UInt64 { fnv1a(name + "/" + name(of: index)) }
}

/// What scenes are used for; no scene is used for two of them.
package enum Split: String, Sendable, Codable, CaseIterable {
    /// Gradients are taken on these.
    case training
    /// The best student is chosen on these.
    case validation
    /// Nothing is chosen on these.
    case test
}
