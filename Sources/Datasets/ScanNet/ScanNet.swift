/// ScanNet v2: rooms scanned with a depth camera (Dai et al., "ScanNet: richly-annotated 3D
/// reconstructions of indoor scenes", CVPR 2017), in Pointcept's layout
/// (`train/scene0000_00/coord.npy`, `segment20.npy` …).
///
/// Options as of ``ScanSource``.
enum ScanNet {
    static func open(_ settings: DataSettings, split: Split) throws -> any SceneSource {
        var settings = settings
        let label = settings.fields["label"] ?? ["segment20"]
        settings.fields["label"] = label
        return try ScanSource(
            "scannet", settings, split: split, format: NumPyScenes(label: label[0]),
            habits: .init(classes: ClassLists.scanNet, centres: true))
    }
}
