import Formats
import Spelling
import ZipArchives

/// The training scans that keep their labels: `labelled` in the `data` section of a recipe.
///
/// ```yaml
/// labelled: {percent: 10}                      # every tenth scan, drawn
/// labelled: {scans: 12, seed: 3}               # twelve, another draw
/// labelled: {scans-per-class: 2}               # so many that each class stands in two at least
/// labelled: {names: [08/000012, 08/000100]}    # these
/// labelled: {percent: 5, unlabelled: drop}     # the others are left out
/// labelled: {percent: 5, per-batch: 1}         # one cloud of every mini-batch has labels, not half
/// ```
///
/// The draw depends only on the seed and the scans' numbers (``SceneSource/sampleID(of:)``). Larger
/// choices include smaller ones: the scans of 5 % are among those of 10 %. The seed is independent
/// of the run's, so that all runs, including those of teachers, learn from the same labels.
package struct LabelledSettings: Sendable, Equatable {
    /// The choice of scans.
    package enum Choice: Sendable, Equatable {
        /// A share of the training scans; at least one scan.
        case percent(Double)
        /// A number of scans.
        case scans(Int)
        /// A number of scans for each class, or all that contain the class.
        ///
        /// Scans are taken in the order of the draw if one of their classes still has too few.
        case scansPerClass(Int)
        /// Scans with the given names.
        case names([String])
    }

    /// The use of the scans without labels.
    package enum Unlabelled: String, Sendable, CaseIterable {
        /// The scans take part without labels, in all terms that need none.
        case use
        /// The scans are left out.
        case drop
    }

    /// The choice of scans.
    package var choice: Choice
    /// The seed of the draw.
    package var seed: UInt64
    /// The use of the other scans; nil for `use` if an objective can use them, and else for `drop`.
    package var unlabelled: Unlabelled?
    /// The number of clouds with labels in every mini-batch, if the other scans take part.
    ///
    /// By default it is half of the mini-batch, since few labels would otherwise have little
    /// weight. If more than half of the scans have labels, mini-batches are drawn from all scans.
    package var perBatch: Int?

    /// Settings.
    package init(
        _ choice: Choice, seed: UInt64 = 0, unlabelled: Unlabelled? = nil, perBatch: Int? = nil
    ) {
        self.choice = choice
        self.seed = seed
        self.unlabelled = unlabelled
        self.perBatch = perBatch
    }
}

extension LabelledSettings {
    /// The number of clouds of a mini-batch drawn from labelled scans; 0 to draw from all scans.
    package func places(ofLabelled labelled: Int, of scans: Int, batch: Int) -> Int {
        guard labelled > 0, labelled < scans else { return 0 }
        // Few labels would otherwise be missing from most mini-batches, whose label terms were then zero.
        return perBatch ?? (2 * labelled <= scans ? batch / 2 : 0)
    }
}

extension LabelledSettings: Codable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case percent, scans, perClass = "scans-per-class", names, seed, unlabelled
        case perBatch = "per-batch"
        static let choices: [CodingKeys] = [.percent, .scans, .perClass, .names]
    }

    /// Decodes the settings; throws `SourceError` for contradictory or impossible ones.
    package init(from decoder: any Decoder) throws {
        try refuseUnknownKeys(
            in: decoder, known: CodingKeys.allCases.map(\.rawValue), section: "data.labelled")
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let given = CodingKeys.choices.filter { values.contains($0) }
        // Two choices would contradict each other, and picking one silently would train another run.
        guard given.count == 1 else {
            throw SourceError(
                "data.labelled has \(given.isEmpty ? "no" : given.map(\.rawValue).listed()): give "
                    + "one of \(CodingKeys.choices.map(\.rawValue).listed()).")
        }
        func whole(_ key: CodingKeys) throws -> Int {
            let number = try values.decode(Int.self, forKey: key)
            guard number > 0 else {
                throw SourceError("data.labelled.\(key.rawValue) is \(number): give 1 or more.")
            }
            return number
        }
        switch given[0] {
        case .percent:
            let percent = try values.decode(Double.self, forKey: .percent)
            guard percent > 0, percent <= 100 else {
                throw SourceError(
                    "data.labelled.percent is \(percent): give a number above 0, up to 100.")
            }
            choice = .percent(percent)
        case .scans: choice = .scans(try whole(.scans))
        case .perClass: choice = .scansPerClass(try whole(.perClass))
        default:
            let names = try values.decode([String].self, forKey: .names)
            guard !names.isEmpty else {
                throw SourceError("data.labelled.names is empty: name the scans with labels.")
            }
            choice = .names(names)
        }
        seed = try values.decodeIfPresent(UInt64.self, forKey: .seed) ?? 0
        unlabelled = try values.decodeIfPresent(String.self, forKey: .unlabelled).map { word in
            guard let fate = Unlabelled(rawValue: word) else {
                throw SourceError("data.labelled.unlabelled is '\(word)': give use or drop.")
            }
            return fate
        }
        perBatch = try values.contains(.perBatch) ? whole(.perBatch) : nil
    }

    /// Writes what ``init(from:)`` reads.
    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        switch choice {
        case .percent(let percent): try values.encode(percent, forKey: .percent)
        case .scans(let scans): try values.encode(scans, forKey: .scans)
        case .scansPerClass(let scans): try values.encode(scans, forKey: .perClass)
        case .names(let names): try values.encode(names, forKey: .names)
        }
        // The default is left out, so that recipes of earlier versions keep their text and their hash.
        if seed != 0 { try values.encode(seed, forKey: .seed) }
        try values.encodeIfPresent(unlabelled?.rawValue, forKey: .unlabelled)
        try values.encodeIfPresent(perBatch, forKey: .perBatch)
    }
}

extension LabelledSettings: CustomStringConvertible {
    /// The choice as in a recipe, such as `percent: 10`.
    package var description: String {
        switch choice {
        case .percent(let percent):
            "percent: \(Int(exactly: percent).map(String.init) ?? "\(percent)")"
        case .scans(let scans): "scans: \(scans)"
        case .scansPerClass(let scans): "scans-per-class: \(scans)"
        case .names(let names): "names: \(names.count) of them"
        }
    }
}
