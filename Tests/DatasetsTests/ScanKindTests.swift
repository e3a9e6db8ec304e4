import Datasets
import Formats
import FoundationEssentials
import PointClouds
import Testing
import ZipArchives

/// Scans whose names do not say what they contain.
@Suite struct ScanKindTests {
    private let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    /// The same points as in the fixture, whatever the file is called.
    @Test(
        "a scan is read by its contents",
        arguments: [
            "las/format7.laz", "las/format7.las", "ply/big.ply", "ply/text.ply",
            "pcd/binary_compressed.pcd", "numpy/packed.npz", "numpy/plain/coord.npy",
        ],
        ["scan", "scan.ply", "scan.las", "scan.bin", "scan.pcd", "scan.npz", "scan.txt", "a*b"])
    func scanIsReadByContents(fixture: String, name: String) throws {
        try Fixture.copy(fixture, to: "in/" + name, in: folder)
        let path = folder.path + "/in/" + name
        let scans = try NamedScans([path], like: nil)
        #expect(try scans.scene(at: 0).count == Fixture.count)
        let numbers = (0..<Fixture.count).map { $0 % 3 }
        try FileManager.default.createDirectory(
            atPath: folder.path + "/out", withIntermediateDirectories: true)
        let written = try PredictionFile.write(
            numbers, like: path, to: folder.path + "/out/scan")
        // A copy has the suffix of its format; LAS and LAZ keep the one they have.
        let isKept = fixture.hasPrefix("las/") && name == "scan.las"
        #expect(written == folder.path + "/out/scan" + (isKept ? ".las" : suffix(fixture)))
        #expect(try PredictionFile.read(written) == numbers)
        if !fixture.hasPrefix("numpy") {
            let other = folder.path + "/out/labels.other"
            try FileManager.default.moveItem(atPath: written, toPath: other)
            #expect(try PredictionFile.read(other) == numbers)
        }
    }

    private func suffix(_ fixture: String) -> String {
        fixture.hasPrefix("numpy") ? ".npy" : String(fixture.suffix(4))
    }

    @Test("a symbolic link is its target") func symbolicLinkIsItsTarget() throws {
        let points = scanBytes([(1, 2, 3, 0.5), (4, 5, 6, 1)])
        try folder.write(points, to: "in/a.bin")
        try folder.write(points + wordBytes(0) + wordBytes(0), to: "in/b.pcd.bin")
        for (target, suffix) in [("a.bin", ".label"), ("b.pcd.bin", "_lidarseg.bin")] {
            let link = folder.path + "/link-" + target.prefix(1)
            try FileManager.default.createSymbolicLink(
                atPath: link, withDestinationPath: folder.path + "/in/" + target)
            #expect(try NamedScans([link], like: nil).scene(at: 0).count == 2)
            let written = try PredictionFile.write([1, 1], like: link, to: folder.path + "/out")
            #expect(written == folder.path + "/out" + suffix)
        }
    }

    @Test(
        "a folder is a scene of arrays, whatever its name", arguments: ["a.bin", "a.las", "a.npz"])
    func folderIsSceneOfArrays(name: String) throws {
        try Fixture.copy("numpy/plain", to: name, in: folder)
        let scans = try NamedScans([folder.path + "/" + name], like: nil)
        #expect(try scans.scene(at: 0).count == Fixture.count)
    }

    @Test(
        "contents that are no scan are named",
        arguments: [
            (
                "a.laz", "version https://git-lfs.github.com/spec/v1\n",
                "is a Git LFS pointer, not a s"
            ),
            ("a.bin", "<!DOCTYPE html>", "is a web page, not a scan: the server answered with"),
            ("a.npy", "<Error><Code>AccessDenied</Code></Error>", "is an XML document, not a scan"),
            ("a.ply.gz", "\u{1F}\u{8B}", "is not a scan, at byte 0: name a .las, .laz, .ply"),
            ("a.txt", "1 2 3\n", "is not a scan, at byte 0: name a .las, .laz, .ply"),
            ("a", "", "is empty, not a scan: copy or export it again"),
        ])
    func contentsThatAreNoScanAreNamed(name: String, text: String, reason: String) throws {
        let path = try folder.write(Array(text.utf8), to: name)
        let sentence = sentence { _ = try NamedScans([path], like: nil) }
        #expect(sentence.hasPrefix("The file \(path) \(reason)"), "\(sentence)")
    }

    @Test("a file of labels that is something else is named") func labelsThatAreElseAreNamed()
        throws
    {
        for name in ["a.label", "a_lidarseg.bin", "a.npy"] {
            let path = try folder.write(Array("<html></html>".utf8), to: name)
            #expect(
                sentence { _ = try PredictionFile.read(path) }
                    .hasPrefix("The file \(path) is a web page, not a file of labels: "))
        }
    }

    // MARK: - Scans without points

    private func emptied(_ fixture: String) throws -> [UInt8] {
        var file = try bytes(of: Fixture.folder + "/" + fixture)
        let isNew = file[25] >= 4
        for at in isNew ? 247..<255 : 107..<111 { file[at] = 0 }
        for at in 107..<111 { file[at] = 0 }
        return file
    }

    @Test(
        "a scan without points is a cloud without points",
        arguments: [
            "a.las", "b.las", "a.laz", "b.laz", "a.ply", "b.ply", "a.pcd", "b.pcd", "c.pcd",
            "a.npy", "arrays", "a.bin", "a.pcd.bin",
        ])
    func scanWithoutPointsIsCloudWithoutPoints(name: String) throws {
        let ply =
            "element vertex 0\nproperty float x\nproperty float y\nproperty float z\nend_header\n"
        let pcd = "FIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nCOUNT 1 1 1\nWIDTH 0\nHEIGHT 1\nPOINTS 0\n"
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 3), }"
        let array =
            [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
        let contents: [UInt8] =
            switch name {
            case "a.las": try emptied("las/format3.las")
            case "b.las": try emptied("las/format7.las")
            case "a.laz": try emptied("las/format3.laz")
            case "b.laz": try emptied("las/format7.laz")
            case "a.ply": Array("ply\nformat ascii 1.0\n\(ply)".utf8)
            case "b.ply": Array("ply\nformat binary_big_endian 1.0\n\(ply)".utf8)
            case "a.pcd": Array("\(pcd)DATA ascii\n".utf8)
            case "b.pcd": Array("\(pcd)DATA binary\n".utf8)
            case "c.pcd": Array("\(pcd)DATA binary_compressed\n".utf8)
            case "a.npy", "arrays": array
            default: []
            }
        let path = try folder.write(contents, to: name == "arrays" ? "arrays/coord.npy" : name)
        let scan = name == "arrays" ? folder.path + "/arrays" : path
        let scans = try NamedScans([scan], like: nil)
        #expect(try scans.scene(at: 0).count == 0)
        #expect(scans.remarks.contains { $0.contains("no points") }, "\(scans.remarks)")
        // Predictions for no points are written in the scan's format, too.
        let written = try PredictionFile.write([], like: scan, to: folder.path + "/written")
        #expect(FileManager.default.fileExists(atPath: written))
    }

    // MARK: - Stray points

    private func strays(_ text: String, centred: Bool) throws -> String {
        let lines = text.split(separator: "\n")
        let header =
            "ply\nformat ascii 1.0\nelement vertex \(lines.count)\nproperty double x\n"
            + "property double y\nproperty double z\nend_header\n"
        let path = try folder.write(Array((header + text).utf8), to: "stray.ply")
        return sentence {
            _ = try NamedScans([path], like: nil, options: ["centre": centred ? 1 : 0])
                .scene(at: 0)
        }
    }

    @Test("the stray point is named, not those that it moved the middle from")
    func strayPointIsNamed() throws {
        let path = Fixture.folder + "/cases/one-at-zero.ply"
        let sentence = sentence {
            _ = try NamedScans([path], like: nil, options: ["centre": 1]).scene(at: 0)
        }
        #expect(sentence.contains("of point 5,"), "\(sentence)")
        #expect(sentence.contains("half of the points are near "))
        let survey = (0..<9).map { "65000\($0) 6860000 100\n" }.joined()
        #expect(
            try strays(survey + "0 0 0\n", centred: true).contains("has 0 as the 'x' of point 9,"))
        #expect(
            try strays("650000 6860000 1e9\n" + survey, centred: true)
                .contains("has 1000000000 as the 'z' of point 0,"))
        #expect(try strays(survey, centred: true) == "nothing was thrown")
        #expect(try strays(survey, centred: false).contains("give --option centre=1"))
        let near = (0..<9).map { "\($0) 1 2\n" }.joined()
        let far = try strays(near + "1 -1e30 2\n", centred: false)
        #expect(far.contains("of point 9,") && far.contains("remove the point"), "\(far)")
    }
}
