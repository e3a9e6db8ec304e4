import Formats

/// Any data set in Pointcept's layout, with the classes that the recipe lists.
///
/// `train/NAME/coord.npy`, `color.npy`, `segment.npy` and so on. Options as of ``ScanSource``.
enum ArrayFolder {
    static func open(_ settings: DataSettings, split: Split) throws -> any SceneSource {
        var classes = settings.classes
        // -1 marks points without a class in this layout, whatever the list says.
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
            "folder", settings, split: split, format: NumPyScenes(label: label))
    }
}
