import Datasets
package import Files
import Foundation
package import PointClouds
import Settings
package import Tensors
import Yams

extension Recipe {
    /// Section `teacher` of a recipe: the teacher, and the source of its outputs.
    ///
    ///     teacher: {model: runs/teacher}                                     # runs at every step
    ///     teacher: {model: runs/teacher, knowledge: auto, limit: 20 GB}      # runs once per view
    ///     teacher: {knowledge: pack, pack: packs/streets}                    # has run before
    ///     teacher: {model: runs/teacher, precision: bfloat16}                # faster, less exact
    ///     teacher: {model: runs/teacher, features: [position, colour]}       # more sensors
    ///     teacher: {model: runs/teacher, classes: {car: vehicle, van: vehicle, sky: ignored}}
    package struct TeacherSettings: Sendable, Equatable {
        /// Source of the teacher's outputs.
        package enum Knowledge: String, Sendable, CaseIterable {
            /// The teacher is run for every micro-shard.
            case live
            /// Outputs are read from a knowledge pack; missing ones are computed and added.
            case auto
            /// A complete knowledge pack holds all outputs; the teacher's weights are not needed.
            case pack
        }

        /// A run's folder, a checkpoint's folder, or a safetensors file; nil only with a complete pack.
        package var model: String?
        /// The precision of its products.
        package var precision: ProductPrecision
        /// The source of its outputs.
        package var knowledge: Knowledge
        /// The knowledge pack's folder; nil for one in the worker's cache.
        package var pack: String?
        /// The maximum size of the pack, bytes.
        package var limit: Int
        /// The digest of the complete pack (``PackDescription/Origin/digest``); nil until a run has chosen
        /// one.
        package var packDigest: SHA256?

        /// The teacher's features; nil for those of its model, or else for those of the student.
        package internal(set) var features: [FeatureSetting]?

        /// The class of the data for each class of the teacher, by name; nil for a teacher of the same
        /// classes.
        ///
        /// A class that is not named is mapped to the class of the same name. Without one, or if mapped to
        /// `ignored`, it is left out (see ``ClassMapping``).
        package internal(set) var classes: [String: String]?

        /// The default maximum size of a pack, bytes.
        package static let standardLimit = 20_000_000_000

        /// Settings with the given values; by default the teacher runs at every step.
        package init(
            model: String?, knowledge: Knowledge = .live, pack: String? = nil,
            limit: Int = standardLimit, packDigest: SHA256? = nil,
            precision: ProductPrecision = .float32, features: [FeatureSetting]? = nil
        ) {
            self.model = model
            self.knowledge = knowledge
            self.pack = pack
            self.limit = limit
            self.packDigest = packDigest
            self.precision = precision
            self.features = features
        }
    }
}

extension Recipe.TeacherSettings {
    /// The key of the pack's digest in a resolved recipe.
    static let packDigestKey = "pack-digest"

    /// The key of the mapping of classes.
    static let classesKey = "classes"

    /// The key of the teacher's features.
    static let featuresKey = "features"

    /// Reads the section.
    ///
    /// - Parameters:
    ///   - hasFixedViews: whether the views are fixed, so that outputs for them can be stored.
    ///   - declared: the recipe's list of features.
    init(_ section: SettingsNode, hasFixedViews: Bool, declared: [FeatureSetting]) throws {
        let values = try section.mapping()
        let features = try values[Self.featuresKey].map {
            try [FeatureSetting]($0, declared: declared)
        }
        let word = values["knowledge"]
        let name = try word?.string() ?? Knowledge.live.rawValue
        guard let knowledge = Knowledge(rawValue: name) else {
            let known = Knowledge.allCases.map(\.rawValue).joined(separator: ", ")
            throw word!.error("\(word!.name) is '\(name)': give \(known).")
        }
        let pack = values["pack"]
        let limit = values["limit"]
        let digest = values[Self.packDigestKey]
        let precision = values["precision"]
        let classes = values[Self.classesKey]
        // Complete packs serve machines on which the teacher's weights may not be.
        let model = knowledge == .pack ? values["model"] : try values.required("model")
        try values.finish()
        if knowledge == .pack, let precision {
            throw precision.error(
                "\(precision.name) has no effect with knowledge: pack: remove it; the pack states its "
                    + "precision.")
        }
        if knowledge == .pack, let classes {
            throw classes.error(
                "\(classes.name) has no effect with knowledge: pack: remove it; 'denju teach' maps "
                    + "classes when it builds a pack.")
        }
        switch knowledge {
        case .live:
            if let idle = pack ?? limit ?? digest {
                throw idle.error(
                    "\(idle.name) has no effect with knowledge: live: write knowledge: auto or "
                        + "knowledge: pack, or remove it.")
            }
        case .auto, .pack:
            // A new view at every step is never requested again, so the pack would grow without any use.
            guard hasFixedViews else {
                throw word!.error(
                    "\(word!.name) is \(name), but new views are drawn at every step, so no stored "
                        + "output would be used twice: give views a count, as in "
                        + "views: {name: weak, count: 8}.")
            }
            if knowledge == .pack, pack == nil {
                throw word!.error(
                    "\(word!.name) is pack, but no folder is named: add pack: FOLDER, as "
                        + "'denju teach' made it.")
            }
        }
        self.init(
            model: try model?.string(), knowledge: knowledge, pack: try pack?.string(),
            limit: try limit?.byteCount() ?? Self.standardLimit,
            packDigest: try digest?.sha256(),
            precision: try precision?.precision() ?? .float32, features: features)
        self.classes = try classes?.assignments()
    }
}

extension Recipe.TeacherSettings {
    /// The model whose weights a run needs; nil with a complete pack.
    package var neededModel: String? { knowledge == .pack ? nil : model }
}

extension Recipe {
    /// The complete pack of the teacher's outputs; nil if its weights are needed.
    package func completePack(classes: Int) throws -> KnowledgePack? {
        guard let teacher, teacher.knowledge == .pack, let pack = teacher.pack, let fixedViews
        else { return nil }
        return try KnowledgePack(
            complete: pack, classes: classes, digest: teacher.packDigest,
            wanted: PackDescription.Inputs(self, fixedViews))
    }
}

extension Recipe {
    /// The teacher's features of a complete pack; nil if its weights are needed, or if the pack does
    /// not state them.
    package func packedFeatures() throws -> [Feature]? {
        guard let teacher, teacher.knowledge == .pack, let pack = teacher.pack else { return nil }
        return try PackDescription.read(pack)?.contents?.inputs.features
    }
}

extension SettingsNode {
    /// A number of bytes, at least one.
    fileprivate func byteCount() throws -> Int {
        let text = try string()
        guard let count = ByteCount(text), count.bytes > 0 else {
            throw error("\(name) is '\(text)': give a number of bytes, as in 20 GB.")
        }
        return count.bytes
    }

    /// Names by names, here or in a YAML file of their own beside the recipe.
    fileprivate func assignments() throws -> [String: String] {
        var section = self
        if node.scalar != nil {
            let folder = TextFile.folder(of: file)
            let name = try string()
            let path = name.hasPrefix("/") ? name : folder + "/" + name
            guard let data = FileManager.default.contents(atPath: path),
                let text = String(data: data, encoding: .utf8)
            else { throw error("\(self.name) names \(path), but there is no such file.") }
            section = try SettingsNode(yaml: text, file: path)
        }
        return try section.decode([String: String].self)
    }

    fileprivate func precision() throws -> ProductPrecision {
        let text = try string()
        guard let precision = ProductPrecision(rawValue: text) else {
            let known = ProductPrecision.allCases.map(\.rawValue).joined(separator: " or ")
            throw error("\(name) is '\(text)': give \(known).")
        }
        return precision
    }

    fileprivate func sha256() throws -> SHA256 {
        let text = try string()
        guard let digest = SHA256(hex: text) else {
            throw error("\(name) is '\(text)': give 64 hexadecimal digits, or leave it out.")
        }
        return digest
    }
}
