import Datasets
import FoundationEssentials
import Testing

/// Files that list the scenes of a split.
@Suite struct SplitFileTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        for scene in ["train/a", "train/b", "val/c"] {
            try folder.write(
                scene: scene,
                SavedArray.room.merging(["segment": .int32([0, 1, 2], [3])]) { $1 })
        }
    }

    private func names(of list: String, _ text: String) throws -> [String] {
        try folder.write(Array(text.utf8), to: list)
        let source = try Fixture.open("folder", in: folder) { $0.sequences.training = [list] }
        return (0..<source.count).map(source.name(of:))
    }

    @Test(
        "lists name scenes below the data's folder or the split's",
        arguments: [
            ("splits/train.json", #"["train/b", "train/a"]"#),
            ("splits/train.json", #"["b", "a"]"#),
            ("tasks/scenes/2.txt", "train/b\ntrain/a\n"), ("tasks/scenes/2.txt", "b\na\n"),
        ])
    func listsNameScenes(list: String, text: String) throws {
        #expect(try names(of: list, text) == ["train/b", "train/a"])
    }

    @Test("a JSON list can have folders and patterns") func listCanHaveFoldersAndPatterns() throws {
        let listed = try names(of: "all.json", #"["val", "train/*"]"#)
        #expect(listed == ["val/c", "train/a", "train/b"])
    }

    @Test(
        "a JSON list of other contents is rejected",
        arguments: ["{\"train\": [\"a\"]}", "[1, 2]", "a\nb\n", "[\"a\"", ""])
    func listOfOtherContentsIsRejected(text: String) throws {
        let sentence = sentence { _ = try names(of: "list.json", text) }
        #expect(
            sentence
                == "The list \(folder.path)/list.json cannot be read: it must be a JSON list of "
                + "names, such as [\"train/scene0000_00\"].")
    }

    @Test("the error for a missing scene names its place", arguments: ["d", ""])
    func errorForMissingSceneNamesItsPlace(name: String) throws {
        #expect(
            sentence { _ = try names(of: "list.json", "[\"a\", \"\(name)\"]") }
                == "The list \(folder.path)/list.json has '\(name)' as name 2, but there is "
                + "neither a folder nor a scene \(folder.path)/\(name).")
    }
}
