import Formats

/// The options that every source of files has: how its records become clouds.
///
/// - `centre` (true: positions are relative to the centre of each scene);
/// - `intensity-range`, `colour-range`, `near-infrared-range` (the number that stands for 1; greater
///   ones are clamped);
/// - `drop-invalid` (true: points whose coordinates are not finite are left out).
struct ReadingOptions {
    /// Whether positions are relative to the centre of each scene.
    let centres: Bool
    /// Whether points without finite coordinates are left out.
    let dropsInvalid: Bool
    /// The stated full scales by channel.
    let scales: [String: FullScale]
    private let place: SettingsPlace

    /// Reads the options; the caller finishes the check for unknown ones.
    init(_ options: inout SourceOptions, centres: Bool, place: SettingsPlace) throws {
        self.place = place
        self.centres = try options.flag("centre", default: centres)
        dropsInvalid = try options.flag(PointInterpreter.dropOption)
        var scales: [String: FullScale] = [:]
        for (channel, option) in FullScale.options.sorted(by: { $0.key < $1.key }) {
            let value = try options.number(option, default: 0, in: 0...1e12)
            if value > 0 {
                scales[channel] = FullScale(stated: value, channel: channel, in: place)
            }
        }
        self.scales = scales
    }

    /// An interpreter of records by these options.
    func interpreter(
        _ plan: FieldPlan, scales: [String: FullScale],
        adviceOnLabels: String = "list or ignore them under data.classes"
    ) -> PointInterpreter {
        PointInterpreter(
            plan: plan, scales: scales, centres: centres, dropsInvalid: dropsInvalid, place: place,
            adviceOnLabels: adviceOnLabels)
    }

    /// The options that differ from those of a source without any.
    var changed: [String: Double] {
        var options: [String: Double] = [:]
        if centres { options["centre"] = 1 }
        if dropsInvalid { options[PointInterpreter.dropOption] = 1 }
        for (channel, scale) in scales {
            if let option = FullScale.options[channel] { options[option] = scale.value }
        }
        return options
    }
}
