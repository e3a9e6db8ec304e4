import DatasetTesting
import Datasets
import PointClouds
import Testing

@Suite struct ScanNetTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("Pointcept's layout is read") func pointceptsLayoutIsRead() throws {
        try Fixture.copy(
            "numpy/plain/segment.npy", to: "train/scene0000_00/segment20.npy", in: folder)
        try Fixture.copy(
            "numpy/plain/segment.npy", to: "train/scene0000_00/segment200.npy", in: folder)
        for name in ["coord", "color", "normal", "instance"] {
            try Fixture.copy(
                "numpy/plain/\(name).npy", to: "train/scene0000_00/\(name).npy", in: folder)
        }
        let settings = DataSettings(source: "scannet", path: folder.path)
        let source = try SourceCatalogue.open(settings, split: .training)
        #expect(checkSource(source) == [])
        #expect(source.classes.count == 20 && source.classes[13] == "curtain")
        Fixture.expect(try source.scene(at: 0), has: ["colour", "normal"])
    }

    @Test("rooms are read as downloaded") func roomsAreReadAsDownloaded() throws {
        let header = """
            ply
            format binary_little_endian 1.0
            element vertex 2
            property float x
            property float y
            property float z
            property uchar red
            property uchar green
            property uchar blue
            property uchar alpha

            """
        let end = "element face 0\nproperty list uchar int vertex_indices\nend_header\n"
        let points = [scanBytes([(1, 2, 3, 0)]), scanBytes([(4, 5, 6, 0)])].map { $0.prefix(12) }
        for (room, list) in [("scene0001_00", "train"), ("scene0002_00", "val")] {
            let base = "scans/\(room)/\(room)_vh_clean_2"
            try folder.write(
                Array((header + end).utf8) + points.flatMap { $0 + [255, 0, 51, 255] },
                to: base + ".ply")
            try folder.write(
                Array((header + "property ushort label\n" + end).utf8)
                    + points[0] + [1, 2, 3, 4, 39, 0] + points[1] + [1, 2, 3, 4, 13, 0],
                to: base + ".labels.ply")
            try folder.write(Array((room + "\n").utf8), to: "scannetv2_\(list).txt")
        }
        let settings = DataSettings(source: "scannet", path: folder.path)
        let source = try SourceCatalogue.open(settings, split: .validation)
        #expect(checkSource(source) == [])
        #expect(source.name(of: 0) == "scans/scene0002_00")
        let cloud = try source.scene(at: 0)
        #expect(cloud.labels == [19, Cloud.ignored])
        #expect(cloud[channel: "colour"]?.values == [1, 0, 0.2, 1, 0, 0.2])
        #expect(cloud.channels.count == 1)
    }
}
