import Datasets
import Formats
import PointClouds
import Testing
import ZipArchives

@Suite struct WriterTests {
    private let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    @Test("written predictions are read back") func writtenPredictionsAreReadBack() throws {
        let map = ClassMap(ClassLists.semanticKITTI)
        let labels = [Cloud.ignored] + (0..<19).map(Int32.init)
        try LabelFile.write(labels, as: map, to: folder.path + "/a.label")
        let words = try LabelFile.read(folder.path + "/a.label")
        #expect(
            words == [
                0, 10, 11, 15, 18, 20, 30, 31, 32, 40, 44, 48, 49, 50, 51, 70, 71, 72, 80, 81,
            ])
        #expect(words.map { map.label(of: Int($0)) } == labels)
        #expect(try folder.files() == ["a.label"], "no temporary file stays")
        #expect(throws: SourceError.self) {
            try LabelFile.write([19], as: map, to: folder.path + "/b.label")
        }
        #expect(try folder.files() == ["a.label"])
    }

    @Test("SemanticKITTI's map is the official one") func semantickittisMapIsOfficialOne() {
        let map = ClassMap(ClassLists.semanticKITTI)
        let ignored = [0, 1, 52, 99]
        #expect(ignored.allSatisfy { map.label(of: $0) == Cloud.ignored })
        let moving: [(Int, Int)] = [
            (252, 10), (253, 31), (254, 30), (255, 32), (256, 20), (257, 20), (258, 18), (259, 20),
            (13, 20), (16, 20), (60, 40),
        ]
        for (raw, folded) in moving { #expect(map.label(of: raw) == map.label(of: folded)) }
        #expect((-1...70_000).count { map.label(of: $0) != nil } == 34)
    }
}
