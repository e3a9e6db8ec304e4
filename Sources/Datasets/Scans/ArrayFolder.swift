import Formats

/// Data sets in Pointcept's layout, with the classes that the recipe lists.
///
/// The files are `train/NAME/coord.npy`, `color.npy`, `segment.npy` and so on. Options: see
/// ``ScanSource``.
enum ArrayFolder {
    static func open(_ settings: DataSettings, split: Split) throws -> any SceneSource {
        var classes = settings.classes
        // In this layout, -1 marks points without a class in every data set.
        if case .listed(var list)? = classes, !list.ignored.contains(-1),
            !list.entries.contains(where: { $0.numbers.contains(-1) })
        {
            list.ignored.append(-1)
            classes = .listed(list)
        }
        var settings = settings
        settings.classes = classes
        let label = settings.fields["label"]?.first ?? "segment"
        return try ScanSource(
            "folder", settings, split: split,
            format: NumPyScenes(label: label, requested: settings.namedArrays))
    }
}

extension DataSettings {
    /// The names of arrays that the recipe reads: those of its fields and channels.
    var namedArrays: Set<String> {
        Set((fields.values.joined() + (channels ?? [])).map { String($0.prefix { $0 != "[" }) })
    }
}
