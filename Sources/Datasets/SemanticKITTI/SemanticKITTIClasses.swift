extension ClassLists {
    /// The 19 classes of SemanticKITTI's single-scan benchmark.
    ///
    /// The list contains the official `learning_map`, `learning_map_inv` and `color_map`
    /// (semantic-kitti-api, `config/semantic-kitti.yaml`): moving objects belong to their static
    /// classes; unlabelled points, outliers, other structures and other objects are ignored. The
    /// benchmark numbers classes from 1, with 0 for ignored; labels begin at 0.
    package static let semanticKITTI = ClassList(
        [
            .init("car", from: [10, 252], colour: .init(100, 150, 245)),
            .init("bicycle", from: [11], colour: .init(100, 230, 245)),
            .init("motorcycle", from: [15], colour: .init(30, 60, 150)),
            .init("truck", from: [18, 258], colour: .init(80, 30, 180)),
            .init("other-vehicle", from: [20, 13, 16, 256, 257, 259], colour: .init(0, 0, 255)),
            .init("person", from: [30, 254], colour: .init(255, 30, 30)),
            .init("bicyclist", from: [31, 253], colour: .init(255, 40, 200)),
            .init("motorcyclist", from: [32, 255], colour: .init(150, 30, 90)),
            .init("road", from: [40, 60], colour: .init(255, 0, 255)),
            .init("parking", from: [44], colour: .init(255, 150, 255)),
            .init("sidewalk", from: [48], colour: .init(75, 0, 75)),
            .init("other-ground", from: [49], colour: .init(175, 0, 75)),
            .init("building", from: [50], colour: .init(255, 200, 0)),
            .init("fence", from: [51], colour: .init(255, 120, 50)),
            .init("vegetation", from: [70], colour: .init(0, 175, 0)),
            .init("trunk", from: [71], colour: .init(135, 60, 0)),
            .init("terrain", from: [72], colour: .init(150, 240, 80)),
            .init("pole", from: [80], colour: .init(255, 240, 150)),
            .init("traffic-sign", from: [81], colour: .init(255, 0, 0)),
        ], ignored: [0, 1, 52, 99])
}
