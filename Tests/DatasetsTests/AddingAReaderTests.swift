import DatasetTesting
import Datasets
import FoundationEssentials
import PointClouds
import Testing

/// The example of the page "Adding a reader".
@Suite struct AddingAReaderTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write(Array("0 0 0 0\n1 2 0.5 1\n".utf8), to: "training/b.txt")
        try folder.write(Array("3 4 5 2\n".utf8), to: "training/a.txt")
        try folder.write(Array("3 4 5\n".utf8), to: "validation/a.txt")
    }

    @Test("the page's reader fulfils the contract") func pagesReaderFulfilsContract() throws {
        let settings = DataSettings(source: "text", path: folder.path)
        let source = try TextScans(settings, split: .training)
        #expect(checkSource(source) == [])
        #expect(source.name(of: 0) == "a.txt")
        #expect(try source.scene(at: 1).labels == [0, 1])
        let faulty = try TextScans(settings, split: .validation)
        #expect(
            checkSource(faulty) == [
                "text: scene a.txt cannot be read: Line 1 of \(folder.path)/validation/a.txt "
                    + "is '3 4 5': give x, y, z and a class from 0 to 2."
            ])
    }

    @Test("the page shows the tested reader") func pageShowsTestedReader() throws {
        let package = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let page = try String(
            contentsOfFile: package + "/Sources/Datasets/Datasets.docc/AddingAReader.md",
            encoding: .utf8)
        let reader = try String(
            contentsOfFile: package + "/Tests/DatasetsTests/TextScans.swift", encoding: .utf8)
        let code = reader.split(separator: "\n", omittingEmptySubsequences: false).dropFirst(4)
        #expect(page.contains(code.joined(separator: "\n")))
    }
}
