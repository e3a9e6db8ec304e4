import Formats
import PointClouds
import ZipArchives

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
        /// Whether scenes without labels are accepted for training, if the recipe does not say.
        var unlabelled = false
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
    private let tally: ReadingTally
    let faults: [String]
    let notes: [String]

    init(
        _ name: String, _ settings: DataSettings, split: Split, format: any ScanFormat,
        defaults: Defaults = Defaults()
    ) throws {
        self.name = name
        self.format = format
        var options = SourceOptions(settings)
        let unlabelled = try options.flag("unlabelled", default: defaults.unlabelled)
        let reading = try ReadingOptions(
            &options, centres: defaults.centres, place: settings.place)
        try options.finish()
        // Published test splits have no labels.
        let needsLabels = split != .test && !unlabelled

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
        request.readsLabels = settings.readsLabels
        request.place = settings.place
        var headers = try SceneHeaders(own, format)
        // Files of other splits that cannot be read are reported when their split is opened.
        let common = others.reduce(headers) { $0.joined(by: SceneHeaders(readable: $1, format)) }
        // Published test splits lack the field of labels that the recipe names for the others.
        let labelField =
            split == .test ? try? headers.label(request) : try headers.label(request)
        if needsLabels {
            headers.requireLabels(labelField, place: settings.place)
            if labelField == nil, let first = headers.faults.first { throw SourceError(first) }
        }
        // Channels must exist in all splits; labels only in this one, since test data often lack
        // them.
        let isShared = labelField.map(headers.shared.contains) ?? false
        request.readsLabels = false
        var plan = try FieldPlan(names: common.shared, request: request, file: headers.first)
        plan.label = isShared || needsLabels ? labelField : nil

        // Scales of the training data in every split: others would change the inputs of validation.
        classMap = ClassMap(classes)
        let scales = try Self.scales(
            of: plan, told: reading.scales, format: format, place: settings.place,
            scenes: (training.isEmpty ? own : training).map(\.path))
        interpreter = reading.interpreter(plan, scales: scales)
        tally = ReadingTally(place: settings.place)
        faults = headers.faults
        notes =
            try format.notes(of: headers.first)
            // Labels that are not wanted may be there all the same.
            + interpreter.notes.filter {
                settings.readsLabels || $0 != PointInterpreter.noLabels
            }
            + common.leftOut(by: plan, request)
    }

    // MARK: - The source

    var classes: [String] { classMap.classes }
    func number(of label: Int32) -> Int? { classMap.number(of: label) }
    var palette: [Palette.Colour] { classMap.palette }
    var channels: [ChannelSpecification] { interpreter.channels }
    var remarks: [String] { tally.remarks }
    var count: Int { items.count }

    func name(of index: Int) -> String { items[index].name }

    func file(of index: Int) -> String? { items[index].path }

    /// The full scales of channels with values from 0 to 1, and whether scenes are centred.
    var readingOptions: [String: Double] {
        var options = format.readingOptions
        options["centre"] = interpreter.centres ? 1 : 0
        if interpreter.dropsInvalid { options[PointInterpreter.dropOption] = 1 }
        for (channel, scale) in interpreter.scales {
            if let option = FullScale.options[channel] { options[option] = scale.value }
        }
        return options
    }

    func recording(of index: Int) -> String { items[index].name }

    func scene(at index: Int) throws -> Cloud { try read(index).cloud }

    func read(_ index: Int) throws -> ReadScene {
        let scene = try interpreter.scene(
            from: format.records(of: items[index].path), label: classMap.label(of:))
        tally.add(scene, name: items[index].name)
        return scene
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

    private static func scales(
        of plan: FieldPlan, told: [String: FullScale], format: any ScanFormat,
        place: SettingsPlace, scenes: [String]
    ) throws -> [String: FullScale] {
        var scales: [String: FullScale] = [:]
        var records: PointRecords?
        for channel in plan.channels where FullScale.options[channel.name] != nil {
            let defined = scenes.first.flatMap { format.fullScale(of: channel, in: $0) }
            if let scale = told[channel.name] ?? defined {
                scales[channel.name] = scale
                continue
            }
            // Read at most once, and only if a scale is not known otherwise.
            let read = try records ?? firstWithPoints(of: scenes, format)
            records = read
            scales[channel.name] = try FullScale(of: channel, in: read, place: place)
        }
        return scales
    }

    /// The first scene that has points and can be read; throws the first error if none can.
    private static func firstWithPoints(
        of scenes: [String], _ format: any ScanFormat
    ) throws -> PointRecords {
        var empty: PointRecords?
        var failure: (any Error)?
        for path in scenes {
            do {
                let records = try format.records(of: path)
                // A scan without points has no values from which a range could be told.
                if records.count > 0 { return records }
                empty = empty ?? records
            } catch {
                failure = failure ?? error
            }
        }
        if let empty { return empty }
        throw failure ?? SourceError("There is no scene to tell the ranges of values from.")
    }
}
