import PointClouds

/// The class lists that a recipe can name.
package enum ClassLists {
    /// The lists by name.
    package static let all: [(name: String, list: ClassList)] = [
        ("semantickitti", semanticKITTI),
        ("nuscenes", nuScenes),
        ("s3dis", s3dis),
        ("scannet", scanNet),
        ("scannet-nyu40", scanNetNYU),
        ("scannet200", scanNet200),
        ("structured3d", structured3D),
        ("matterport3d", matterport3D),
        ("hm3d", hm3D),
        ("waymo", waymo),
        ("asprs", asprs),
    ]

    /// The list of the given name, if any.
    package static func named(_ name: String) -> ClassList? {
        all.first { $0.name == name }?.list
    }

    /// The numbers from 0 to 255 as classes, for pictures of labels without a list.
    ///
    /// Classes of the given list have its names beside their numbers.
    package static func numbers(named list: ClassList? = nil) -> ClassList {
        let names = list?.entries.flatMap { entry in entry.numbers.map { ($0, entry.name) } } ?? []
        let known = Dictionary(names) { first, _ in first }
        return ClassList(
            (0...255).map { .init("\($0)" + (known[$0].map { " " + $0 } ?? ""), from: [$0]) },
            ignored: [-1], ignoresRest: true)
    }

    /// The 13 classes of S3DIS (Armeni et al., "3D semantic parsing of large-scale indoor spaces",
    /// CVPR 2016), in the order of Pointcept's files.
    package static let s3dis = ClassList(
        [
            "ceiling", "floor", "wall", "beam", "column", "window", "door", "table", "chair",
            "sofa", "bookcase", "board", "clutter",
        ].enumerated().map { ClassList.Entry($1, from: [$0]) }, ignored: [-1])

    /// The 20 classes of ScanNet's benchmark (Dai et al., "ScanNet: richly-annotated 3D
    /// reconstructions of indoor scenes", CVPR 2017), numbered as in Pointcept's files.
    package static let scanNet = ClassList(
        scanNetNYU.entries.enumerated().map { ClassList.Entry($1.name, from: [$0]) },
        ignored: [-1])

    /// The 20 classes of ScanNet's benchmark with the NYU40 numbers of its PLY files.
    package static let scanNetNYU = ClassList(
        [
            ("wall", 1), ("floor", 2), ("cabinet", 3), ("bed", 4), ("chair", 5), ("sofa", 6),
            ("table", 7), ("door", 8), ("window", 9), ("bookshelf", 10), ("picture", 11),
            ("counter", 12), ("desk", 14), ("curtain", 16), ("refrigerator", 24),
            ("shower curtain", 28), ("toilet", 33), ("sink", 34), ("bathtub", 36),
            ("other furniture", 39),
        ].map { ClassList.Entry($0, from: [$1]) }, ignored: [0], ignoresRest: true)

    /// The classes of the ASPRS LAS specification 1.4 R15, tables 17 and 18.
    ///
    /// Points that were never classified, noise and user-defined classes (64 and above) are
    /// ignored.
    package static let asprs = ClassList(
        asprsRows.map { name, number, colour in
            ClassList.Entry(
                name, from: [number], colour: Palette.Colour(colour.0, colour.1, colour.2))
        }, ignored: [1, 0, 7, 8, 12, 18], ignoresRest: true)

    // The type is written out because inferring it took the compiler six seconds.
    private static let asprsRows: [(String, Int, (UInt8, UInt8, UInt8))] = [
        ("ground", 2, (160, 120, 80)), ("low vegetation", 3, (150, 220, 110)),
        ("medium vegetation", 4, (80, 180, 70)), ("high vegetation", 5, (20, 120, 40)),
        ("building", 6, (220, 90, 60)), ("water", 9, (60, 130, 220)),
        ("rail", 10, (130, 90, 160)), ("road", 11, (140, 140, 150)),
        ("wire guard", 13, (240, 220, 120)), ("wire conductor", 14, (250, 200, 60)),
        ("transmission tower", 15, (200, 160, 40)), ("wire connector", 16, (220, 190, 90)),
        ("bridge deck", 17, (180, 150, 190)), ("overhead structure", 19, (200, 120, 200)),
        ("ignored ground", 20, (110, 90, 70)), ("snow", 21, (235, 240, 250)),
    ]

    /// The 16 classes of nuScenes' lidar segmentation challenge (Fong et al., "Panoptic nuScenes",
    /// RA-L 2022) from its 32 categories, and the devkit's colours.
    ///
    /// The numbers are those of the categories in files of labels. Predictions have the challenge's
    /// own numbers, 1 to 16 and 0 for none: see ``NuScenes/number(of:)``.
    package static let nuScenes = ClassList(
        [
            .init("barrier", from: [9], colour: .init(112, 128, 144)),
            .init("bicycle", from: [14], colour: .init(220, 20, 60)),
            .init("bus", from: [15, 16], colour: .init(255, 127, 80)),
            .init("car", from: [17], colour: .init(255, 158, 0)),
            .init("construction vehicle", from: [18], colour: .init(233, 150, 70)),
            .init("motorcycle", from: [21], colour: .init(255, 61, 99)),
            .init("pedestrian", from: [2, 3, 4, 6], colour: .init(0, 0, 230)),
            .init("traffic cone", from: [12], colour: .init(47, 79, 79)),
            .init("trailer", from: [22], colour: .init(255, 140, 0)),
            .init("truck", from: [23], colour: .init(255, 99, 71)),
            .init("driveable surface", from: [24], colour: .init(0, 207, 191)),
            .init("other flat", from: [25], colour: .init(175, 0, 75)),
            .init("sidewalk", from: [26], colour: .init(75, 0, 75)),
            .init("terrain", from: [27], colour: .init(112, 180, 60)),
            .init("manmade", from: [28], colour: .init(222, 184, 135)),
            .init("vegetation", from: [30], colour: .init(0, 175, 0)),
        ], ignored: [0, 1, 5, 7, 8, 10, 11, 13, 19, 20, 29, 31])
}
