import Datasets
import Formats
import FoundationEssentials
import PointClouds
import Tensors
import Testing

/// Predictions in the format of their scans.
@Suite struct PredictionTests {
    private let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private let numbers = (0..<Fixture.count).map { ($0 * 2 + 1) % 5 }
    private let classes = ClassSetting.listed(
        ClassList((0..<5).map { .init("class \($0)", from: [$0]) }))

    private var plyFiles: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: Fixture.folder + "/ply").sorted()
        }
    }

    /// All other bytes are unchanged.
    @Test("labels in a PLY file are replaced") func labelsInPLYFileAreReplaced() throws {
        for name in try plyFiles {
            let isOwn = name.hasSuffix("-own.ply")
            // These files number classes from 10.
            let first = isOwn ? 10 : 0
            let original = Fixture.folder + "/ply/" + name
            let back = try PredictionFile.write(
                Fixture.labels.map { first + Int($0) }, like: original,
                label: isOwn ? "klass" : nil,
                to: folder.path + "/same-" + name)
            #expect(try bytes(of: back) == bytes(of: original), "\(name)")

            let path = try PredictionFile.write(
                numbers.map { first + $0 }, like: original, label: isOwn ? "klass" : nil,
                to: try folder.path + "/train/" + put(name))
            let (before, after) = (try bytes(of: original), try bytes(of: path))
            #expect(before.count == after.count, "\(name)")
            let changed = zip(before, after).count { $0 != $1 }
            #expect((1...Fixture.count).contains(changed), "\(name): \(changed)")
            if !isOwn { #expect(try labels(of: path) == numbers.map(Int32.init), "\(name)") }
        }
    }

    /// A property is added after the others; other bytes are unchanged.
    @Test("labels are added to a PLY file without any")
    func labelsAreAddedToPLYFileWithoutAny() throws {
        let text = """
            ply
            format ascii 1.0
            element vertex 3
            property float x
            property float y
            property float z
            element face 1
            property list uchar int vertex_indices
            end_header
            0 0 0
            1 0 0\t
            0 1 0
            3 0 1 2

            """
        let original = try folder.write(Array(text.utf8), to: "in/a.ply")
        let path = try PredictionFile.write([7, 8, 9], like: original, to: folder.path + "/a")
        let expected = text.replacing(
            "property float z\n", with: "property float z\nproperty int label\n"
        )
        .replacing("0 0 0\n", with: "0 0 0 7\n").replacing("1 0 0\t\n", with: "1 0 0 8\t\n")
        .replacing("0 1 0\n", with: "0 1 0 9\n")
        #expect(String(decoding: try bytes(of: path), as: UTF8.self) == expected)

        for order in ["little", "big"] {
            let header = """
                ply
                format binary_\(order)_endian 1.0
                element vertex 2
                property float x
                property float y
                property float z
                end_header

                """
            let points = (0..<24).map { UInt8($0) }
            let original = try folder.write(Array(header.utf8) + points, to: "in/\(order).ply")
            let path = try PredictionFile.write(
                [1, 258], like: original, to: folder.path + "/\(order)")
            let words: [[UInt8]] =
                order == "little"
                ? [[1, 0, 0, 0], [2, 1, 0, 0]] : [[0, 0, 0, 1], [0, 0, 1, 2]]
            let body = points[..<12] + words[0] + points[12...] + words[1]
            #expect(
                try bytes(of: path)
                    == Array(
                        header.replacing(
                            "property float z\n", with: "property float z\nproperty int label\n"
                        ).utf8) + body)
        }
    }

    /// All other bytes are unchanged; a file without labels gets a field after the others.
    @Test("labels in a PCD file are replaced", arguments: ["ascii", "binary", "binary_compressed"])
    func labelsInPCDFileAreReplaced(name: String) throws {
        let original = Fixture.folder + "/pcd/\(name).pcd"
        let same = try PredictionFile.write(
            Fixture.labels.map(Int.init), like: original, to: folder.path + "/same")
        #expect(same == folder.path + "/same.pcd")
        if name != "binary_compressed" { #expect(try bytes(of: same) == bytes(of: original)) }
        let channels = ["intensity", "normal", "temperature"]
        func scene(_ path: String) throws -> Cloud {
            let source = try Fixture.open("pcd", in: folder) {
                $0.classes = classes
                $0.channels = channels
                $0.sequences.training = [String(path.dropFirst(folder.path.count + 1))]
            }
            return try source.scene(at: 0)
        }
        let before = try scene(same)
        #expect(before.labels == Fixture.labels)
        let changed = try scene(
            PredictionFile.write(numbers, like: original, to: folder.path + "/changed"))
        #expect(changed.labels == numbers.map(Int32.init))
        #expect(changed.positions == before.positions && changed.channels == before.channels)
    }

    /// A field is added after the others.
    @Test("labels are added to a PCD file without any")
    func labelsAreAddedToPCDFileWithoutAny() throws {
        func header(_ data: String, isLabelled: Bool) -> [UInt8] {
            let more = isLabelled ? [" label", " 4", " U", " 1"] : ["", "", "", ""]
            return Array(
                """
                # .PCD v0.7
                VERSION 0.7
                FIELDS x y z\(more[0])
                SIZE 4 4 4\(more[1])
                TYPE F F F\(more[2])
                COUNT 1 1 1\(more[3])
                WIDTH 2
                HEIGHT 1
                VIEWPOINT 0 0 0 1 0 0 0
                POINTS 2
                DATA \(data)

                """.utf8)
        }
        func written(_ data: String, _ body: [UInt8]) throws -> [UInt8] {
            let original = try folder.write(
                header(data, isLabelled: false) + body, to: "in/\(data).pcd")
            return try bytes(
                of: PredictionFile.write([7, 258], like: original, to: folder.path + "/" + data))
        }
        #expect(
            try written("ascii", Array("1 2 3\n4 5 6 \r\n".utf8))
                == header("ascii", isLabelled: true) + Array("1 2 3 7\n4 5 6 258 \r\n".utf8))
        let points = (0..<24).map { UInt8($0) }
        let numbers: [[UInt8]] = [[7, 0, 0, 0], [2, 1, 0, 0]]
        #expect(
            try written("binary", points + [99])
                == header("binary", isLabelled: true) + points[..<12] + numbers[0] + points[12...]
                + numbers[1] + [99])
        let packed = LZF.compress(points)
        let more = LZF.compress(points + numbers[0] + numbers[1])
        #expect(
            try written(
                "binary_compressed", wordBytes(UInt32(packed.count)) + wordBytes(24) + packed)
                == header("binary_compressed", isLabelled: true) + wordBytes(UInt32(more.count))
                + wordBytes(32) + more)
        #expect(
            sentence {
                try PredictionFile.write(
                    [1, -1], like: folder.path + "/in/ascii.pcd", to: folder.path + "/x")
            }.contains("has class -1, which its label of type uint32 cannot represent"))
    }

    @Test("a single array is a scan") func singleArrayIsScan() throws {
        let cloud = Cloud(
            positions: [SIMD3(1, 2, 3), SIMD3(4, 5, 6)],
            channels: [.init(name: "intensity", values: [0.25, 0.5])])
        let path = folder.path + "/scan.npy"
        try NumPyWriter.write(
            Tensor(rows: 2, columns: 4, [1, 2, 3, 0.25, 4, 5, 6, 0.5]), to: path)
        let plain = try NamedScans([path], like: nil).scene(at: 0)
        #expect(plain.positions == cloud.positions)
        #expect(plain.channels == [.init(name: "column", values: [0.25, 0.5])])
        var settings = DataSettings(source: "folder")
        settings.fields = ["intensity": ["column[3]"]]
        settings.options = ["intensity-range": 1]
        let told = try NamedScans([path], like: settings).scene(at: 0)
        #expect(told.channels == cloud.channels)
        #expect(
            try PredictionFile.write([1, 2], like: path, to: folder.path + "/out")
                == folder.path + "/out.npy")
        #expect(
            sentence { try PredictionFile.write([1, 2], like: path, to: folder.path + "/scan") }
                .contains("another folder"))
        try NumPyWriter.write(Tensor(rows: 2, columns: 2, [1, 2, 3, 4]), to: path)
        #expect(
            sentence { _ = try NamedScans([path], like: nil).scene(at: 0) }
                .contains("no coordinates"))
    }

    @Test("predictions have the format of their scan")
    func predictionsHaveFormatOfTheirScan() throws {
        let scan = try folder.write(scanBytes([(1, 2, 3, 0.5), (4, 5, 6, 1)]), to: "in/a.bin")
        let label = try PredictionFile.write([40, 10], like: scan, to: folder.path + "/a")
        #expect(label == folder.path + "/a.label")
        #expect(try LabelFile.read(label) == [40, 10])

        let sweep = try PredictionFile.write([1, 16], like: "x.pcd.bin", to: folder.path + "/b")
        #expect(sweep == folder.path + "/b_lidarseg.bin")
        #expect(try bytes(of: sweep) == [1, 16])

        let las = try PredictionFile.write(
            numbers, like: Fixture.folder + "/las/format7.laz", to: folder.path + "/c")
        #expect(las == folder.path + "/c.laz")

        let array = try PredictionFile.write([3, -1], like: "x.npz", to: folder.path + "/d")
        #expect(array == folder.path + "/d.npy")
        #expect(
            sentence { try PredictionFile.write([256], like: "x.pcd.bin", to: folder.path + "/e") }
                .contains("class 256"))
        #expect(
            sentence {
                try PredictionFile.write(numbers, like: las, to: folder.path + "/c")
            }.contains("another folder"))
    }

    /// The expected bytes are those that NumPy writes.
    @Test("predictions in NumPy format have NumPy's bytes")
    func predictionsInNumPyFormatHaveNumPysBytes() throws {
        let header = { (type: String, shape: String) -> [UInt8] in
            let text = "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }"
            let padding = String(repeating: " ", count: 117 - text.utf8.count)
            return [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0]
                + Array((text + padding + "\n").utf8)
        }
        try NumPyWriter.write([5, -2], to: folder.path + "/a.npy")
        #expect(
            try bytes(of: folder.path + "/a.npy")
                == header("<i4", "(2,)") + wordBytes(5) + wordBytes(0xFFFF_FFFE))
        try NumPyWriter.write(
            Tensor(rows: 1, columns: 2, [0.5, -1]), to: folder.path + "/b.npy")
        #expect(
            try bytes(of: folder.path + "/b.npy")
                == header("<f4", "(1, 2)") + wordBytes(0x3F00_0000) + wordBytes(0xBF80_0000))
    }

    @Test("named scans are read regardless of their labels")
    func namedScansAreReadRegardlessOfTheirLabels() throws {
        let paths = ["las/format7.laz", "ply/big.ply", "pcd/ascii.pcd", "numpy/plain"]
            .map { Fixture.folder + "/" + $0 }
        let sweep = try folder.write(
            scanBytes([(1, 2, 3, 51), (0, 0, 0, 0)])[..<20] + scanBytes([(4, 5, 6, 0)])
                + scanBytes([(1, 0, 0, 0)])[..<4],
            to: "sweep.pcd.bin")
        let scans = try NamedScans(paths + [sweep], like: nil)
        #expect(scans.count == 5)
        #expect(scans.name(of: 4) == "sweep")
        #expect(!scans.notes.isEmpty)
        for index in 0..<4 {
            let cloud = try scans.scene(at: index)
            #expect(cloud.count == Fixture.count && cloud.labels.isEmpty, "\(paths[index])")
        }
        #expect(try scans.scene(at: 4)[channel: "intensity"]?.values.first == 0.2)

        // The given data set's ranges apply, not those that would be detected here.
        var settings = DataSettings(source: "las")
        settings.options = ["intensity-range": 2, "centre": 1]
        let told = try NamedScans([paths[1]], like: settings).scene(at: 0)
        #expect(told[channel: "intensity"]?.values == Fixture.intensity.map { $0 / 2 })
        #expect(told.origin != .zero)
        let same = try ["a", "b"].map { try folder.write([], to: "\($0)/x.bin") }
        #expect(sentence { _ = try NamedScans(same, like: nil) }.contains("both called"))
        #expect(
            sentence { _ = try NamedScans([folder.path + "/none.laz"], like: nil) }
                .contains("none.laz"))
    }

    // MARK: -

    private func put(_ name: String) throws -> String {
        try FileManager.default.createDirectory(
            atPath: folder.path + "/train", withIntermediateDirectories: true)
        return String(name.dropLast(4))
    }

    private func labels(of path: String) throws -> [Int32] {
        let source = try Fixture.open("ply", in: folder) {
            $0.classes = classes
            $0.sequences.training = [String(path.dropFirst(folder.path.count + 1))]
        }
        return try source.scene(at: 0).labels
    }
}
