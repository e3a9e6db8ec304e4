import Datasets
import Formats
import FoundationEssentials
import PointClouds
import Testing
import ZipArchives

/// Legal but unusual files, which public readers read.
@Suite struct UnusualHeaderTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func cloud(
        _ source: String, _ bytes: [UInt8], channels: [String] = []
    ) throws -> Cloud {
        try folder.write(bytes, to: "train/a.\(source)")
        return try Fixture.open(source, in: folder) {
            $0.options["unlabelled"] = 1
            $0.channels = channels
        }.scene(at: 0)
    }

    private func floats(_ values: Float...) -> [UInt8] {
        values.flatMap { wordBytes($0.bitPattern) }
    }

    private let positions = [SIMD3<Float>(1, 2, 3), SIMD3<Float>(4, 5, 6)]
    private var body: [UInt8] { floats(1, 2, 3, 4, 5, 6) }

    // MARK: - PCD

    /// Headers that the Point Cloud Library completes with its defaults.
    @Test(
        "PCD headers are completed as PCL completes them",
        arguments: [
            "VERSION .5\nCOLUMNS x y z\nPOINTS 2\nDATA binary\n",
            "FIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nWIDTH 2\nPOINTS 2\nDATA binary\n",
            "FIELDS x y z\nSIZE 4 4 4\nTYPE f f f\nWIDTH 1\nHEIGHT 2\nDATA BINARY\n",
            "FIELDS x y z\r\nSIZE 4 4 4\r\nTYPE F F F\r\nPOINTS 2\r\nDATA binary\r\n",
            "# .PCD\n\n# by hand\nPOINTS 2\nCOUNT 1 1 1\nTYPE F F F\nSIZE 4 4 4\nFIELDS x y z\n"
                + "VIEWPOINT 0 0 0 1 0 0 0\nDATA binary\n",
            "\tFIELDS  x\ty z\nPOINTS 2\nDATA binary\n",
        ])
    func pcdHeadersAreCompleted(header: String) throws {
        #expect(try cloud("pcd", Array(header.utf8) + body).positions == positions)
    }

    @Test("a label is added to a PCD file without sizes and types")
    func labelIsAddedWithoutSizesAndTypes() throws {
        for (name, header, expected) in [
            (
                "none", "FIELDS x y z\nPOINTS 2\nDATA binary\n",
                "FIELDS x y z label\nSIZE 4 4 4 4\nTYPE F F F U\nPOINTS 2\nDATA binary\n"
            ),
            (
                "sizes", "FIELDS x y z\nSIZE 4 4 4\nPOINTS 2\nDATA binary\n",
                "FIELDS x y z label\nSIZE 4 4 4 4\nTYPE F F F U\nPOINTS 2\nDATA binary\n"
            ),
        ] {
            let original = try folder.write(Array(header.utf8) + body, to: "in/\(name).pcd")
            let path = try PredictionFile.write(
                [7, 258], like: original, to: folder.path + "/" + name)
            let written = try bytes(of: path)
            #expect(
                String(decoding: written.prefix(expected.utf8.count), as: UTF8.self) == expected)
            #expect(try NamedScans([path], like: nil).scene(at: 0).positions == positions)
            #expect(try PredictionFile.read(path) == [7, 258])
        }
    }

    @Test(
        "PCD files without points are read",
        arguments: ["ascii", "binary", "binary_compressed"], [0, 8])
    func pcdFilesWithoutPointsAreRead(encoding: String, rest: Int) throws {
        let header = "FIELDS x y z\nPOINTS 0\nDATA \(encoding)\n"
        let bytes = Array(header.utf8) + [UInt8](repeating: 0, count: rest == 0 ? 0 : 8)
        let path = try folder.write(
            encoding == "ascii" ? Array(header.utf8) : bytes, to: "empty.pcd")
        #expect(try PCDFile(path).points().count == 0)
    }

    // MARK: - PLY

    @Test("lines of a PLY file end as on any system", arguments: ["\n", "\r\n", "\r"])
    func linesEndAsOnAnySystem(end: String) throws {
        let lines = [
            "element vertex 2", "property float x", "property float y", "property float z",
            "end_header",
        ]
        for (format, body) in [
            ("ascii", Array("1 2 3\(end)4 5 6\(end)".utf8)), ("binary_little_endian", body),
        ] {
            let header = ["ply", "format \(format) 1.0", "comment  a  b"] + lines
            let text = Array((header.joined(separator: end) + end).utf8)
            #expect(try cloud("ply", text + body).positions == positions, "\(format)")
            let path = try PredictionFile.write(
                [3, 4], like: folder.path + "/train/a.ply", to: folder.path + "/out")
            let written = try bytes(of: path)
            let label = Array("property float z\(end)property int label\(end)end_header\(end)".utf8)
            #expect(written.indices.contains { written[$0...].starts(with: label) })
            #expect(try PredictionFile.read(path) == [3, 4])
        }
    }

    @Test(
        "words for numbers that are none are read",
        arguments: ["nan", "-nan", "NaN", "nan(ind)", "-nan(ind)", "1.#QNAN", "-1.#IND", "1.#INF"])
    func wordsForNumbersThatAreNoneAreRead(word: String) throws {
        let text =
            "ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nproperty float y\n"
            + "property float z\nproperty float extra\nend_header\n1 2 3 \(word)\n"
        #expect(try cloud("ply", Array(text.utf8)).positions == [SIMD3(1, 2, 3)])
    }

    @Test("numbers that are not of their type are rejected if they are used")
    func numbersNotOfTheirTypeAreRejectedIfUsed() throws {
        let ply =
            "ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nproperty float y\n"
            + "property float z\nproperty uchar extra\nend_header\n1 2 3 256\n"
        let pcd =
            "FIELDS x y z extra\nSIZE 4 4 4 1\nTYPE F F F U\nPOINTS 1\nDATA ascii\n1 2 3 nan\n"
        for (source, text, value) in [("ply", ply, "256"), ("pcd", pcd, "nan")] {
            #expect(try cloud(source, Array(text.utf8)).positions == [SIMD3(1, 2, 3)])
            let sentence = sentence {
                _ = try cloud(source, Array(text.utf8), channels: ["extra"])
            }
            #expect(sentence.contains("has \(value) as the 'extra' in line"), "\(sentence)")
            #expect(sentence.contains("which is not of type uint8"))
        }
    }

    @Test(
        "separators are the same for reading and writing", arguments: [",", ", ", "\t", "\u{10}"])
    func separatorsAreSameForReadingAndWriting(separator: String) throws {
        let rows = [["1", "2", "3", "1"], ["4", "5", "6", "0"]].map {
            $0.joined(separator: separator)
        }
        let header =
            "ply\nformat ascii 1.0\nelement vertex 2\nproperty float x\nproperty float y\n"
            + "property float z\nproperty uchar label\nend_header\n"
        let text = header + rows.joined(separator: "\r\n")
        let path = try folder.write(Array(text.utf8), to: "in/a.ply")
        #expect(try NamedScans([path], like: nil).scene(at: 0).positions == positions)
        let written = try PredictionFile.write([7, 8], like: path, to: folder.path + "/out")
        #expect(try PredictionFile.read(written) == [7, 8])
        let expected = text.replacing("3\(separator)1", with: "3\(separator)7")
            .replacing("6\(separator)0", with: "6\(separator)8")
        #expect(String(decoding: try bytes(of: written), as: UTF8.self) == expected)
    }

    @Test(
        "labels are written to the field that is read", arguments: ["Label label", "label Label"])
    func labelsAreWrittenToFieldThatIsRead(fields: String) throws {
        let names = fields.split(separator: " ")
        let ply =
            "ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nproperty float y\n"
            + "property float z\nproperty ushort \(names[0])\nproperty ushort \(names[1])\n"
            + "end_header\n1 2 3 4 5\n"
        let pcd =
            "FIELDS x y z \(fields)\nSIZE 4 4 4 2 2\nTYPE F F F U U\nPOINTS 1\nDATA ascii\n1 2 3 4 5\n"
        for (suffix, text) in [("ply", ply), ("pcd", pcd)] {
            let path = try folder.write(Array(text.utf8), to: "in/a.\(suffix)")
            let written = try PredictionFile.write([259], like: path, to: folder.path + "/out")
            #expect(try PredictionFile.read(written) == [259])
        }
    }

    @Test("names in messages are printable") func namesInMessagesArePrintable() throws {
        let text =
            "ply\nformat ascii 1.0\nelement vertex 1\nproperty float \u{1B}[31mx\nend_header\n1\n"
        let sentence = sentence { _ = try cloud("ply", Array(text.utf8)) }
        #expect(sentence.contains("'\u{FFFD}[31mx'"), "\(sentence)")
    }

    @Test("a PLY header is read in linear time") func plyHeaderIsReadInLinearTime() throws {
        let properties = (0..<60_000).map { "property char a\($0)\n" }.joined()
        let text = "ply\nformat ascii 1.0\nelement face 0\n\(properties)end_header\n"
        let clock = ContinuousClock()
        let time = clock.measure {
            #expect(
                sentence { _ = try cloud("ply", Array(text.utf8)) }
                    .contains("has more than 4096 properties in an element"))
        }
        #expect(time < .seconds(90))
    }

    // MARK: - Contents that are not what the name says

    @Test(
        "contents of another kind are named",
        arguments: [
            (
                "ply", "version https://git-lfs.github.com/spec/v1\n",
                "is a Git LFS pointer, not a PLY"
            ),
            ("pcd", "<!DOCTYPE html><html></html>", "is a web page, not a PCD file: the server"),
            ("las", "<?xml version='1.0'?><Error/>", "is an XML document, not a LAS or LAZ file"),
            ("las", "\u{1F}", "is not a LAS or LAZ file"),
            ("ply", "LASF", "is a LAS or LAZ file, not a PLY file: give it the suffix"),
            ("pcd", "", "is empty, not a PCD file: copy or export it again"),
        ])
    func contentsOfAnotherKindAreNamed(source: String, text: String, reason: String) throws {
        let sentence = sentence { _ = try cloud(source, Array(text.utf8)) }
        #expect(
            sentence.hasPrefix("The file \(folder.path)/train/a.\(source) \(reason)"), "\(sentence)"
        )
    }

    @Test("files of raw numbers that are something else are named", arguments: ["bin", "label"])
    func rawFilesThatAreSomethingElseAreNamed(suffix: String) throws {
        let pointer =
            "version https://git-lfs.github.com/spec/v1\noid sha256:0123456789abcdef\nsize 123456\n"
        let path = try folder.write(Array(pointer.utf8), to: "a.\(suffix)")
        let sentence = sentence {
            if suffix == "bin" {
                _ = try ScanFile.read(path)
            } else {
                _ = try LabelFile.read(path)
            }
        }
        #expect(sentence.hasPrefix("The file \(path) is a Git LFS pointer, not a file of "))
        #expect(sentence.hasSuffix("fetch the file itself with 'git lfs pull' in its repository."))
    }

    @Test("an archive that is something else is named") func archiveThatIsSomethingElseIsNamed()
        throws
    {
        let path = try folder.write([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3], to: "train/a.npz")
        #expect(
            sentence { _ = try Fixture.open("folder", in: folder) { _ in } }
                == "The file \(path) is compressed with gzip, not a zip archive: decompress it with "
                + "gunzip.")
    }

    @Test("folders with the suffix of a file are folders", arguments: [".npz", ".npy", ".ply"])
    func foldersWithSuffixOfFileAreFolders(suffix: String) throws {
        try Fixture.copy("numpy/plain", to: "train/a\(suffix)", in: folder)
        let source = try Fixture.open("folder", in: folder) { _ in }
        #expect(try source.scene(at: 0).count == Fixture.count)
    }
}
