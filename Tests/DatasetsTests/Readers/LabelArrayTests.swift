import DatasetTesting
import Datasets
import Formats
import PointClouds
import Testing

/// Labels of several columns, and arrays that are no channels.
@Suite struct LabelArrayTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A scene of ScanNet++: up to three labels per point, the most frequent one first.
    private func writeScanNetPlusPlus(_ scene: String) throws {
        try folder.write(
            scene: scene,
            SavedArray.room.merging([
                "superpoint": .int32([4, 4, 9], [3]),
                "segment": .int16([2, 0, -1, -1, -1, -1, 1, 2, 0], [3, 3]),
                "instance": .int16([7, 8, -1, -1, -1, -1, 5, 6, 4], [3, 3]),
            ]) { $1 })
    }

    private func open(_ change: (inout DataSettings) -> Void = { _ in }) throws -> any SceneSource {
        try Fixture.open("folder", in: folder, change)
    }

    @Test("the first of several columns is the label", arguments: [nil, "segment", "segment[0]"])
    func firstColumnIsTheLabel(field: String?) throws {
        try writeScanNetPlusPlus("train/a")
        let source = try open { settings in
            if let field { settings.fields["label"] = [field] }
        }
        #expect(checkSource(source) == [])
        #expect(source.channels.map(\.name) == ["colour", "normal"])
        #expect(try source.scene(at: 0).labels == [2, Cloud.ignored, 1])
    }

    @Test("a recipe can name another column") func recipeCanNameAnotherColumn() throws {
        try writeScanNetPlusPlus("train/a")
        let source = try open { $0.fields["label"] = ["segment[1]"] }
        #expect(try source.scene(at: 0).labels == [0, Cloud.ignored, 2])
        #expect(source.channels.map(\.name) == ["colour", "normal"])
        #expect(
            sentence { _ = try open { $0.fields["label"] = ["segment[3]"] } }.contains(
                "data.fields takes label from 'segment[3]', which \(folder.path)/train/a does not"))
    }

    @Test("labels are no channels of scans that are only labelled")
    func labelsAreNoChannelsWhereTheyAreNotRead() throws {
        try writeScanNetPlusPlus("train/a")
        let source = try open {
            $0.readsLabels = false
            $0.options["unlabelled"] = 1
        }
        #expect(source.channels.map(\.name) == ["colour", "normal"])
        #expect(try source.scene(at: 0).labels == [])
    }

    @Test("a column of labels may be two-dimensional") func columnMayBeTwoDimensional() throws {
        try folder.write(
            scene: "train/a",
            SavedArray.room.merging([
                "segment": .int16([2, 1, -1], [3, 1]), "instance": .int16([0, 1, -1], [3, 1]),
            ]) { $1 })
        let source = try open()
        #expect(checkSource(source) == [])
        #expect(source.channels.map(\.name) == ["colour", "normal"])
        #expect(try source.scene(at: 0).labels == [2, 1, Cloud.ignored])
    }

    @Test(
        "arrays that are no properties of points are never channels",
        arguments: ["superpoint", "mask", "condition", "segment", "pose"])
    func arraysAreNeverChannels(name: String) throws {
        let label = ["segment": SavedArray.int32([0, 1, 2], [3])]
        let extra = [name: SavedArray.int32([0, 1, 2], [3])]
        try folder.write(
            scene: "train/a", SavedArray.room.merging(label) { $1 }.merging(extra) { $1 })
        #expect(try open().channels.map(\.name) == ["colour", "normal"])
        let reason = name == "segment" ? "holds labels" : "is no property of a point"
        #expect(
            sentence { _ = try open { $0.channels = ["colour", name] } }
                == "data.channels names '\(name)', which is never an input channel, since it "
                + "\(reason): leave it out.")
    }

    @Test("a recipe can map such an array to a channel of another name")
    func recipeCanMapSuchAnArray() throws {
        try writeScanNetPlusPlus("train/a")
        let source = try open { $0.fields["part"] = ["superpoint"] }
        #expect(try source.scene(at: 0)[channel: "part"]?.values == [4, 4, 9])
    }
}
