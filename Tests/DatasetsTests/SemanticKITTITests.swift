import DatasetTesting
import Datasets
import FoundationEssentials
import PointClouds
import Testing

@Suite struct SemanticKITTITests {
    /// The folder of the files, which exists during the test.
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try download(below: "dataset/")
    }

    /// Two frames of sequence 8 and one of sequence 0.
    private func download(below level: String) throws {
        for (sequence, frame) in [("08", "000003"), ("08", "000000"), ("00", "000012")] {
            let root = level + "sequences/" + sequence
            try folder.write(
                scanBytes([(1, 2, -1.5, 0.25), (-3, 0.5, 2, 0.99), (7, 8, 9, 0)]),
                to: "\(root)/velodyne/\(frame).bin")
            try folder.write(
                wordBytes(0x0007_00FC) + wordBytes(40) + wordBytes(1),
                to: "\(root)/labels/\(frame).label")
        }
    }

    private func open(
        _ split: Split = .validation, below level: String = "", sequences: [String]? = nil,
        options: [String: Double] = [:]
    ) throws -> any SceneSource {
        var settings = DataSettings(
            source: "semantickitti", path: folder.path + level, options: options)
        settings.sequences.validation = sequences
        return try SourceCatalogue.open(settings, split: split)
    }

    @Test("a download is read", arguments: ["", "/dataset"])
    func downloadIsRead(level: String) throws {
        let source = try open(below: level)
        #expect(checkSource(source) == [])
        #expect(source.count == 2)
        #expect([0, 1].map(source.name(of:)) == ["08/000000", "08/000003"])
        #expect(source.classes.count == 19)
        let cloud = try source.scene(at: 1)
        #expect(cloud.positions == [SIMD3(1, 2, -1.5), SIMD3(-3, 0.5, 2), SIMD3(7, 8, 9)])
        #expect(cloud[channel: "intensity"]?.values == [0.25, 0.99, 0])
        #expect(cloud.labels == [0, 8, Cloud.ignored])
        #expect(source.classes[0] == "car" && source.classes[8] == "road")
    }

    @Test("splits are the official sequences") func splitsAreOfficialSequences() throws {
        #expect(try open(.training).name(of: 0) == "00/000012")
        #expect(try open(.validation).count == 2)
        #expect(
            sentence { _ = try open(.test) }.contains("none of the official test sequences")
        )
        #expect(try open(sequences: ["0", "08"]).count == 3)
    }

    /// The rules of semantic-kitti-api's `validate_submission.py`: 32 bits for every point of every
    /// scan in `sequences/NN/predictions`; its evaluation knows the numbers of the labels' files.
    @Test("predictions are a submission to the benchmark") func predictionsAreSubmission() throws {
        let source = try open()
        let map = ClassMap(ClassLists.semanticKITTI)
        for (index, frame) in ["000000", "000003"].enumerated() {
            let base = folder.path + "/out/" + source.predictionPath(of: index)
            #expect(base == "\(folder.path)/out/sequences/08/predictions/\(frame)")
            try FileManager.default.createDirectory(
                atPath: folder.path + "/out/sequences/08/predictions",
                withIntermediateDirectories: true)
            let labels: [Int32] = [0, 18, 8]
            let file = try PredictionFile.write(
                labels.compactMap { source.number(of: $0) }, like: source.file(of: index), to: base)
            #expect(file == base + ".label")
            #expect(try bytes(of: file) == wordBytes(10) + wordBytes(81) + wordBytes(40))
            #expect(try PredictionFile.read(file).map { map.label(of: $0) } == labels)
        }
        #expect(source.submissionFiles.isEmpty)
    }

    @Test(
        "pointers instead of files are named",
        arguments: ["velodyne/000000.bin", "labels/000000.label"])
    func pointersInsteadOfFilesAreNamed(file: String) throws {
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 48\n"
        let path = try folder.write(
            Array(pointer.utf8), to: "dataset/sequences/08/" + file)
        #expect(
            sentence { _ = try open().scene(at: 0) }
                .hasPrefix("The file \(path) is a Git LFS pointer, not a "))
    }

    @Test("instances are read on request") func instancesAreReadOnRequest() throws {
        let cloud = try open(options: ["instances": 1]).scene(at: 0)
        #expect(cloud[channel: "instance"]?.values == [7, 0, 0])
    }

    @Test("frames are taken at equal intervals") func framesAreTakenAtEqualIntervals() throws {
        var settings = DataSettings(source: "semantickitti", path: folder.path)
        settings.scenes.validation = 1
        #expect(try SourceCatalogue.open(settings, split: .validation).count == 1)
        settings.scenes.validation = 3
        #expect(
            sentence { _ = try SourceCatalogue.open(settings, split: .validation) }
                == "data.scenes asks for 3 validation scenes of the 2 there are: "
                + "give a number from 1 to 2, or none to use all.")
    }

    @Test("sample ids are fixed") func sampleIdsAreFixed() throws {
        let source = try open()
        #expect(source.sampleID(of: 0) == 8138355810603857226)
    }

    // MARK: - Errors

    @Test("the error for a truncated scan names it") func errorForTruncatedScanNamesIt() throws {
        let path = try folder.write(
            [UInt8](repeating: 0, count: 37), to: "dataset/sequences/08/velodyne/000000.bin")
        let source = try open()
        #expect(
            sentence { _ = try source.scene(at: 0) }
                == "The file \(path) has 37 bytes, which is no whole number of points of 4 numbers "
                + "(x, y, z, intensity), at byte 32: copy the file again.")
    }

    @Test("the error for labels of another length names the file")
    func errorForLabelsOfAnotherLengthNamesFile() throws {
        let path = try folder.write(
            wordBytes(40) + wordBytes(40), to: "dataset/sequences/08/labels/000003.label")
        let source = try open()
        #expect(
            sentence { _ = try source.scene(at: 1) }.hasPrefix(
                "The file \(path) has 2 labels for the 3 points of "))
        try folder.write([0, 0, 0, 0, 1], to: "dataset/sequences/08/labels/000003.label")
        #expect(sentence { _ = try source.scene(at: 1) }.contains("4-byte labels"))
    }

    @Test(
        "the error for a value that is not finite names its point",
        arguments: [Float.nan, .infinity])
    func errorForValueThatIsNotFiniteNamesItsPoint(value: Float) throws {
        try folder.write(
            scanBytes([(1, 2, 3, 0), (1, 2, value, 0), (1, 1, 1, 1)]),
            to: "dataset/sequences/08/velodyne/000000.bin")
        let source = try open()
        #expect(
            sentence { _ = try source.scene(at: 0) }
                .contains(
                    "has \(value) as the 'z' of point 1, at byte 24: set data.options.drop-invalid")
        )
    }

    @Test("unknown labels are listed") func unknownLabelsAreListed() throws {
        try folder.write(
            wordBytes(12) + wordBytes(700) + wordBytes(12),
            to: "dataset/sequences/08/labels/000000.label")
        let source = try open()
        #expect(
            sentence { _ = try source.scene(at: 0) }
                .contains("12 (2 points) and 700 (1 points)"))
    }

    @Test("errors name missing folders and files") func errorsNameMissingFoldersAndFiles() throws {
        let sequences = folder.path + "/dataset/sequences"
        #expect(
            sentence { _ = try open(sequences: ["05"]) }
                == "Sequence 05 has no folder \(sequences)/05/velodyne: download its scans or "
                + "take it out of data.sequences.")

        try FileManager.default.removeItem(atPath: sequences + "/08/labels/000003.label")
        #expect(
            sentence { _ = try open() }
                == "The scan \(sequences)/08/velodyne/000003.bin has no labels: "
                + "\(sequences)/08/labels/000003.label is missing.")

        try FileManager.default.removeItem(atPath: sequences + "/08/labels")
        #expect(sentence { _ = try open() }.contains("has no folder \(sequences)/08/labels"))
        let unlabelled = try open(options: ["unlabelled": 1])
        #expect(try unlabelled.scene(at: 0).labels == [])
        #expect(checkSource(unlabelled) == [])

        #expect(
            sentence { _ = try open(below: "/dataset/sequences/08") }.hasPrefix(
                "The folder \(sequences)/08 holds neither dataset/sequences nor"))
        #expect(
            sentence { _ = try open(below: "/nowhere") }
                .hasPrefix("There is no folder \(folder.path)/nowhere: set data.path"))
    }
}

@Suite struct RealSemanticKITTITests {
    static let folder = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    static let path = "/" + folder + "/shared/data/semantickitti"
    static var isThere: Bool { FileManager.default.fileExists(atPath: path + "/dataset") }

    @Test(
        "every frame of a full download is read",
        .enabled(if: isThere, "no SemanticKITTI scans beside the checkout"))
    func everyFrameOfFullDownloadIsRead() throws {
        let settings = DataSettings(source: "semantickitti", path: Self.path)
        let training = try SourceCatalogue.open(settings, split: .training)
        let validation = try SourceCatalogue.open(settings, split: .validation)
        #expect(training.count == 32)
        #expect(validation.count == 4)
        #expect(
            (0..<4).map(validation.name(of:))
                == ["08/000000", "08/000003", "08/000006", "08/000009"])
        var summary = SourceSummary(classes: validation.classes)
        for index in 0..<validation.count {
            let name = validation.name(of: index).split(separator: "/")
            let file = "\(Self.path)/dataset/sequences/\(name[0])/velodyne/\(name[1]).bin"
            let attributes = try FileManager.default.attributesOfItem(atPath: file)
            let cloud = try validation.scene(at: index)
            #expect("\(attributes[.size] ?? 0)" == "\(cloud.count * 16)")
            #expect(cloud.labels.count == cloud.count)
            #expect(cloud.labels.allSatisfy { $0 >= -1 && $0 < 19 })
            summary.add(cloud)
        }
        #expect(summary.pointsOfClass[8] > summary.points / 10, "road")
        #expect(checkSource(training, scenes: 2) == [])
    }
}
