import Archives
import Formats
import PointClouds

/// The scans of a split in files of any format.
///
/// Fields are found by name. Classes and ranges of values come from the recipe or are detected:
/// from the fields that the files of all splits share, and from the first scene of the training
/// split. The same files therefore give the same channels, ranges and labels on every host and in
/// every split.
///
/// Options: `centre` (true: positions are relative to the centre of each scene), `intensity-range`
/// and `colour-range` (the number that stands for 1; greater ones are clamped), `unlabelled` (true:
/// scenes without labels are accepted for training).
struct ScanSource: SceneSource {
    /// The defaults of a kind of data.
    struct Defaults: Sendable {
        /// The classes, if the recipe names none.
        var classes: ClassList?
        /// Whether positions are relative to the centre of a scene, if the recipe does not say.
        var centres = false
        /// The folders of each split, if they are not those of its name.
        var folders: (@Sendable (Split) -> [String])?
        /// The format's own channels, and those that are read only on request.
        var request = FieldPlan.FieldRequest()
    }

    let name: String
    private let items: [SceneList.Item]
    private let format: any ScanFormat
    private let interpreter: PointInterpreter
    private let classMap: ClassMap
    private let needsLabels: Bool

    init(
        _ name: String, _ settings: DataSettings, split: Split, format: any ScanFormat,
        defaults: Defaults = Defaults()
    ) throws {
        self.name = name
        self.format = format
        var options = SourceOptions(settings)
        let unlabelled = try options.flag("unlabelled")
        let centres = try options.flag("centre", default: defaults.centres)
        let told = try FullScale.told(by: &options)
        try options.finish()
        // Published test splits have no labels.
        needsLabels = split != .test && !unlabelled

        func list(_ split: Split) throws -> [SceneList.Item] {
            try SceneList(settings, split: split, of: format.kind, usual: defaults.folders?(split))
                .items
        }
        let own = try list(split)
        items = try evenly(settings.scenes[split], of: own, split: split)
        // A split that is missing or empty must not prevent the use of the others.
        let others = Split.allCases.filter { $0 != split }.map { (try? list($0)) ?? [] }
        let training = split == .training ? own : others.first ?? []
        let classes = try Self.classes(of: settings, else: defaults.classes)

        var request = defaults.request
        request.fields = settings.fields
        request.channels = settings.channels
        let shared = try Self.sharedNames(of: own, format)
        let common = try others.reduce(shared) { names, items in
            items.isEmpty ? names : names.filter(try Self.sharedNames(of: items, format).contains)
        }
        let labelled = try FieldPlan(names: shared, request: request, file: own[0].path)
        // Channels must exist in all splits; labels only in this one, since test data often lack
        // them.
        var plan = try FieldPlan(
            names: common + shared.filter { $0 == labelled.label && !common.contains($0) },
            request: request, file: own[0].path)
        plan.label = labelled.label
        if needsLabels, plan.label == nil {
            throw Self.labelsMissing(in: own, format: format, request: request)
        }

        // Scales of the training data in every split: others would change the inputs of validation.
        let first = training.first ?? own[0]
        classMap = ClassMap(classes)
        interpreter = PointInterpreter(
            plan: plan,
            scales: try Self.scales(of: plan, told: told, format: format, first: first.path),
            centres: centres)
    }

    // MARK: - The source

    var classes: [String] { classMap.classes }
    func number(of label: Int32) -> Int? { classMap.number(of: label) }
    var palette: [Palette.Colour] { classMap.palette }
    var channels: [ChannelSpecification] { interpreter.channels }
    var notes: [String] { interpreter.notes }
    var count: Int { items.count }

    func name(of index: Int) -> String { items[index].name }

    func file(of index: Int) -> String? { items[index].path }

    /// The full scales of channels with values from 0 to 1, and whether scenes are centred.
    var readingOptions: [String: Double] {
        var options = ["centre": interpreter.centres ? 1.0 : 0]
        for (channel, scale) in interpreter.scales {
            if let option = FullScale.options[channel] { options[option] = scale.value }
        }
        return options
    }

    func recording(of index: Int) -> String { items[index].name }

    func scene(at index: Int) throws -> Cloud {
        let cloud = try interpreter.cloud(
            from: format.records(of: items[index].path), label: classMap.label(of:))
        // Refused here, where the error can name the file.
        guard cloud.count > 0 else {
            throw SourceError("\(items[index].path) holds no points: take it out of the data.")
        }
        return cloud
    }

    // MARK: - Opening

    private static func classes(
        of settings: DataSettings, else usual: ClassList?
    ) throws -> ClassList {
        switch settings.classes {
        case .listed(let list)?: return list
        case .named(let name)?:
            guard let list = ClassLists.named(name) else {
                throw SourceError(
                    "There is no class list '\(name)': use "
                        + "\(ClassLists.all.map(\.name).listed(or: true)), or the path of a YAML "
                        + "file beside the recipe.")
            }
            return list
        case nil:
            guard let usual else {
                throw SourceError(
                    "The source '\(settings.source)' does not know your classes: list them under "
                        + "data.classes as 'name: number', or name one of "
                        + "\(ClassLists.all.map(\.name).listed()).")
            }
            return usual
        }
    }

    /// The fields that all scenes have, in the order of the first one.
    private static func sharedNames(
        of items: [SceneList.Item], _ format: any ScanFormat
    ) throws -> [String] {
        var shared: [String]?
        for item in items {
            let names = try format.fieldNames(of: item.path)
            shared = shared?.filter(Set(names).contains) ?? names
        }
        return shared ?? []
    }

    private static func labelsMissing(
        in items: [SceneList.Item], format: any ScanFormat, request: FieldPlan.FieldRequest
    ) -> SourceError {
        let lacking = items.first { item in
            let names = try? format.fieldNames(of: item.path)
            let plan = names.flatMap {
                try? FieldPlan(names: $0, request: request, file: item.path)
            }
            return plan?.label == nil
        }
        return SourceError(
            "\((lacking ?? items[0]).path) has no labels by a name that is known: name their field "
                + "under data.fields.label, or set the option 'unlabelled' to true to learn from "
                + "the teacher alone.")
    }

    private static func scales(
        of plan: FieldPlan, told: [String: FullScale], format: any ScanFormat, first: String
    ) throws -> [String: FullScale] {
        var scales: [String: FullScale] = [:]
        var records: PointRecords?
        for channel in plan.channels where FullScale.options[channel.name] != nil {
            if let scale = told[channel.name] ?? format.fullScale(of: channel) {
                scales[channel.name] = scale
                continue
            }
            // Read at most once, and only if a scale is not known otherwise.
            let read = try records ?? format.records(of: first)
            records = read
            scales[channel.name] = try FullScale(of: channel, in: read)
        }
        return scales
    }
}

extension FullScale {
    /// Reads the full scales in the options.
    static func told(by options: inout SourceOptions) throws -> [String: FullScale] {
        var told: [String: FullScale] = [:]
        for (channel, option) in Self.options.sorted(by: { $0.key < $1.key }) {
            let value = try options.number(option, default: 0, in: 0...1e12)
            if value > 0 { told[channel] = FullScale(stated: value, channel: channel) }
        }
        return told
    }
}
