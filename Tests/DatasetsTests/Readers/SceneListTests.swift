import Datasets
import PointClouds
import Testing

@Suite struct SceneListTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        for scene in ["a/one", "a/two", "b/three", "b/deep/four", "train/five"] {
            try Fixture.copy("numpy/plain", to: scene, in: folder)
        }
        try folder.write(Array("a/two\n\n  b/three \n".utf8), to: "list.txt")
    }

    private func names(_ sequences: [String]?) throws -> [String] {
        var settings = DataSettings(
            source: "folder", path: folder.path + "/", classes: Fixture.classes)
        settings.sequences.training = sequences
        let source = try SourceCatalogue.open(settings, split: .training)
        return (0..<source.count).map(source.name(of:))
    }

    @Test("a split's folder is used") func splitsFolderIsUsed() throws {
        #expect(try names(nil) == ["train/five"])
    }

    @Test("folders, scenes, patterns and lists select scenes")
    func foldersScenesPatternsAndListsSelectScenes() throws {
        #expect(try names(["a"]) == ["a/one", "a/two"])
        #expect(try names(["b"]) == ["b/deep/four", "b/three"])
        #expect(try names(["a/two", "b/three"]) == ["a/two", "b/three"])
        #expect(try names(["a/t*"]) == ["a/two"])
        #expect(try names(["*o*"]) == ["a/one", "a/two", "b/deep/four"])
        #expect(try names(["list.txt"]) == ["a/two", "b/three"])
        #expect(try names(["."]).count == 5)
        #expect(try names(["a", "a/one"]) == ["a/one", "a/two"], "no scene twice")
    }

    @Test("a line of a list is a name")
    func lineOfListIsName() throws {
        for name in ["scan 1", "scan", "it's", "#first", "a*b", "tab\there # 2"] {
            try Fixture.copy("numpy/stored.npz", to: "c/\(name).npz", in: folder)
        }
        func listed(_ text: String) throws -> [String] {
            try folder.write(Array(text.utf8), to: "names.txt")
            return try names(["names.txt"])
        }
        #expect(try listed("c/scan 1.npz") == ["c/scan 1"])
        #expect(try listed("c/scan 1\n") == ["c/scan 1"], "without its suffix")
        #expect(try listed("\u{FEFF}c/scan\r\nc/scan 1\r\n\r\n") == ["c/scan", "c/scan 1"])
        #expect(try listed("\"c/scan 1.npz\"\n'c/scan'\n") == ["c/scan 1", "c/scan"])
        #expect(try listed("# two\n  c/scan 1  # good\n#\n") == ["c/scan 1"])
        #expect(try listed("\"c/scan\" # quoted\n") == ["c/scan"])
        #expect(try listed("c/it's.npz\nc/#first\n") == ["c/it's", "c/#first"])
        #expect(try listed("c/a*b.npz") == ["c/a*b"], "a name that exists is no pattern")
        #expect(try listed("c/tab\there # 2.npz") == ["c/tab\there # 2"])
        #expect(try listed("a/*\n").count == 2)
        #expect(
            sentence { _ = try listed("c/scan\nc/scan 2.npz\n") }
                == "The list \(folder.path)/names.txt names 'c/scan 2.npz' in line 2, but there is "
                + "neither a folder nor a scene \(folder.path)/c/scan 2.npz: a line is one name, "
                + "with its spaces.")
        #expect(
            sentence { _ = try listed("names.txt\n") }.contains("names 'names.txt' in line 1"),
            "a list that names itself ends")
        #expect(sentence { _ = try listed("# none\n\n") }.contains("has no folders with"))
    }

    @Test("errors name missing entries") func errorsNameMissingEntries() throws {
        #expect(
            sentence { _ = try names(["c"]) }
                == "data.sequences names 'c', but there is neither a folder nor a scene "
                + "\(folder.path)/c.")
        #expect(sentence { _ = try names(["c*"]) }.contains("but none of the 5 folders with"))
        var settings = DataSettings(
            source: "folder", path: folder.path, classes: Fixture.classes)
        #expect(
            sentence { _ = try SourceCatalogue.open(settings, split: .validation) }.hasPrefix(
                "\(folder.path) has no 'val', 'validation' or 'valid' for the validation split"))
        settings.path = folder.path + "/nowhere"
        #expect(
            sentence { _ = try SourceCatalogue.open(settings, split: .training) }
                == "There is no folder \(folder.path)/nowhere: set data.path to where the data "
                + "lie.")
        settings.path = nil
        #expect(
            sentence { _ = try SourceCatalogue.open(settings, split: .training) }
                == "The source 'folder' reads files: set data.path to their folder.")
    }
}
