import Formats

/// A data set in Pointcept's layout that needs no more than its folders, classes and labels.
///
/// Scenes are folders of arrays below a folder for each split; see ``NumPyScenes`` and, for options,
/// ``ScanSource``.
struct ArrayDataSet: Sendable {
    /// The data set's name in recipes.
    let name: String
    /// The classes; nil where a recipe must list them, since the data set has none.
    var classes: ClassList?
    /// The array of labels.
    var label = "segment"
    /// The folders of each split, if they are not those of its name.
    var folders: [Split: [String]]?
    /// Whether positions are relative to the centre of a scene.
    var centres = true
    /// Whether scenes have no labels, so that training accepts them without any.
    var isUnlabelled = false
    /// Whether scenes without labels are left out where labels are needed.
    var skipsUnlabelled = false

    /// Opens a split.
    func open(_ settings: DataSettings, split: Split) throws -> any SceneSource {
        var settings = settings
        let field = settings.fields["label"]?.first ?? label
        // Not known by its name: a field that is named must exist, but labels may be missing.
        if field != "segment" { settings.fields["label"] = [field] }
        let takesAll = !settings.readsLabels || settings.options["unlabelled", default: 0] != 0
        let format = NumPyScenes(
            label: field, requested: settings.namedArrays,
            needsLabel: skipsUnlabelled && !takesAll, colourScale: 255)
        var defaults = ScanSource.Defaults(
            classes: classes, centres: centres, unlabelled: isUnlabelled)
        if let folders { defaults.folders = { folders[$0] ?? [] } }
        return try ScanSource(name, settings, split: split, format: format, defaults: defaults)
    }

    // MARK: - The data sets

    /// ScanNet200: ScanNet's rooms with 200 classes (Rozenberszki et al., "Language-grounded indoor
    /// 3D semantic segmentation in the wild", ECCV 2022).
    static let scanNet200 = ArrayDataSet(
        name: "scannet200", classes: ClassLists.scanNet200, label: "segment200")

    /// Structured3D: synthetic rooms (Zheng et al., "Structured3D", ECCV 2020).
    static let structured3D = ArrayDataSet(
        name: "structured3d", classes: ClassLists.structured3D)

    /// Matterport3D: buildings scanned with depth cameras (Chang et al., "Matterport3D", 3DV 2017).
    static let matterport3D = ArrayDataSet(
        name: "matterport3d", classes: ClassLists.matterport3D)

    /// HM3D: buildings of Habitat-Matterport, some of them labelled (Yadav et al.,
    /// "Habitat-Matterport 3D semantics dataset", CVPR 2023).
    static let hm3D = ArrayDataSet(
        name: "hm3d", classes: ClassLists.hm3D, skipsUnlabelled: true)

    /// ARKitScenes: rooms scanned with tablets, without labels of points (Baruch et al.,
    /// "ARKitScenes", NeurIPS 2021).
    static let arKitScenes = ArrayDataSet(
        name: "arkitscenes",
        folders: [.training: ["Training"], .validation: ["Validation"]], isUnlabelled: true)

    /// Waymo Open: scans of a spinning lidar (Sun et al., "Scalability in perception for autonomous
    /// driving", CVPR 2020); scenes are `training/SEGMENT/TIMESTAMP`.
    static let waymo = ArrayDataSet(name: "waymo", classes: ClassLists.waymo, centres: false)
}
