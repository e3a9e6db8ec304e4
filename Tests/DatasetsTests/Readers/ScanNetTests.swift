import Datasets
import PointClouds
import Testing

@Suite struct ScanNetTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func readsPointceptsLayout() throws {
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
}
