import Datasets
import PointClouds
import Testing

/// A cloud of labelled points on a square, 1 m apart.
private func square(
    _ side: Int, at corner: SIMD3<Double> = .zero, label: Int32 = 0, step: Float = 1
) -> Cloud {
    let positions = (0..<side * side).map {
        SIMD3(Float($0 % side) * step + 0.5, Float($0 / side) * step + 0.5, 0)
    }
    return Cloud(
        positions: positions, origin: corner,
        channels: [
            .init(name: "intensity", values: positions.indices.map { Float($0 % 7) / 7 })
        ],
        labels: Array(repeating: label, count: positions.count))
}

@Suite struct SceneReportTests {
    @Test("a report counts points, classes and duplicates")
    func reportCountsPointsClassesAndDuplicates() {
        var cloud = square(12, at: SIMD3(650_000, 6_860_000, 10), label: 1)
        cloud.labels[0] = Cloud.ignored
        cloud.positions[5] = cloud.positions[4]
        cloud.positions[7].z = 300
        let report = SceneReport(cloud, name: "a", classes: 2)
        #expect(report.points == 144 && report.pointsOfClass == [0, 143] && report.ignored == 1)
        #expect(report.duplicates == 1)
        #expect(report.outliers == 1)
        #expect(report.area == 143)
        #expect(report.lower == SIMD3(650_000.5, 6_860_000.5, 10))
        #expect(report.upper == SIMD3(650_011.5, 6_860_011.5, 310))
        #expect(report.spreads.map(\.channel) == ["intensity"])
        #expect(report.spreads[0].least == 0 && report.spreads[0].greatest == 6 / 7)
        var other = cloud
        other.labels[3] = 0
        #expect(SceneReport(cloud, name: "b", classes: 2).digest == report.digest)
        #expect(SceneReport(other, name: "b", classes: 2).digest != report.digest)
    }

    @Test("suspicions are sentences about scenes") func suspicionsAreSentencesAboutScenes() {
        func report(_ name: String, _ cloud: Cloud) -> SceneReport {
            SceneReport(cloud, name: name, classes: 1)
        }
        var unlabelled = square(21)
        unlabelled.labels = []
        var doubled = square(22)
        for index in 0..<10 { doubled.positions[index] = .zero }
        var flat = square(24)
        flat.channels[0].values = flat.channels[0].values.map { _ in 0.25 }
        var noisy = square(25)
        noisy.positions[3].z = -200
        let sentences = Suspicions.sentences(about: [
            (.training, report("a", square(20))), (.validation, report("b", square(20))),
            (.training, report("few", square(3))), (.training, report("bare", unlabelled)),
            (
                .test,
                report(
                    "bare-test",
                    {
                        var c = square(23); c.labels = []; return c
                    }())
            ),
            (.training, report("doubled", doubled)), (.training, report("flat", flat)),
            (.training, report("noisy", noisy)),
            (.training, report("dense", square(60, step: 0.1))),
        ])
        #expect(
            sentences == [
                "b holds the same points as a: both splits have it.",
                "few has 9 points where others have 484.",
                "bare has no point with a class.",
                "doubled has 9 points at the very place of another.",
                "flat has 0.25 as the intensity of every point.",
                "noisy has 1 points far above or below all others.",
                "dense has 73 points a square metre where others have 1.",
            ])
    }

    @Test("the recommended grid keeps about half of the points")
    func recommendedGridKeepsAboutHalfOfPoints() throws {
        // Points are 0.1 m apart: a grid of 0.15 m keeps 4 of 9, 0.1 m all, 0.2 m a quarter.
        let ladder = GridLadder(square(60, step: 0.1))
        let best = try #require(GridLadder.recommendation(for: [ladder, ladder]))
        #expect(GridLadder.sizes[best] == 0.15)
        #expect(GridLadder.voxels(at: best, of: [ladder]) == 1600)
        #expect(GridLadder.recommendation(for: []) == nil)
    }
}

@Suite struct SplitProposalTests {
    private func scene(
        _ name: String, at x: Double, _ y: Double = 0, side: Int = 10, label: Int32 = 0,
        recording: String? = nil, origin: Double = 500_000
    ) -> SplitProposal.Scene {
        .init(
            SceneReport(
                square(side, at: SIMD3(origin + x, origin + y, 0), label: label), name: name,
                classes: 2), recording: recording ?? name)
    }

    @Test("neighbours belong to the same split") func neighboursBelongToSameSplit() throws {
        // Pairs of tiles that touch, with wide gaps between the pairs.
        let scenes = (0..<20).map { index in
            scene("\(index)", at: Double(index / 2) * 100 + Double(index % 2) * 12)
        }
        let proposal = try SplitProposal(scenes, shares: [.validation: 0.2])
        #expect(proposal.groups == 10)
        #expect(proposal.cutNeighbours == 0)
        let validation = try #require(proposal.sequences[.validation]).compactMap { Int($0) }
        let training = try #require(proposal.sequences[.training]).compactMap { Int($0) }
        #expect(validation.count == 4)
        #expect(Set(validation.map { $0 / 2 }).isDisjoint(with: training.map { $0 / 2 }))
        #expect((validation + training).sorted() == Array(0..<20))
        #expect(proposal.sequences[.test] == nil)
    }

    @Test("frames of a recording belong to the same split")
    func framesOfRecordingBelongToSameSplit() throws {
        let scenes = (0..<30).map {
            scene("\($0 / 5)/\($0)", at: -5, -5, recording: "\($0 / 5)", origin: 0)
        }
        let proposal = try SplitProposal(scenes, shares: [.validation: 0.17, .test: 0.17])
        #expect(proposal.groups == 6)
        #expect(proposal.sequences.mapValues(\.count) == [.training: 4, .validation: 1, .test: 1])
    }

    @Test("every split has every class") func everySplitHasEveryClass() throws {
        // Class 1 is rare: in three small scenes of twelve.
        let scenes = (0..<12).map { (index: Int) -> SplitProposal.Scene in
            let isRare = index % 4 == 3
            return scene(
                "\(index)", at: Double(index) * 100, side: isRare ? 5 : 10,
                label: isRare ? 1 : 0)
        }
        let proposal = try SplitProposal(scenes, shares: [.validation: 0.3])
        #expect(proposal.pointsOfClass[.validation]?.allSatisfy { $0 > 0 } == true)
        #expect(proposal.pointsOfClass[.training]?.allSatisfy { $0 > 0 } == true)
        #expect(proposal.pointsOfClass[.training]! == [600, 50])
    }

    @Test("a survey without gaps is divided into blocks")
    func surveyWithoutGapsIsDividedIntoBlocks() throws {
        let scenes = (0..<100).map {
            scene("\($0)", at: Double($0 % 10) * 10, Double($0 / 10) * 10)
        }
        let proposal = try SplitProposal(scenes, shares: [.validation: 0.2])
        #expect(proposal.groups == 16)
        #expect(proposal.cutNeighbours > 0 && proposal.cutNeighbours < 60)
        let share = Double(proposal.sequences[.validation]?.count ?? 0)
        #expect(share >= 15 && share <= 25)
    }

    @Test("too few recordings are rejected") func tooFewRecordingsAreRejected() throws {
        #expect(
            sentence { _ = try SplitProposal([scene("a", at: 0)], shares: [.validation: 0.2]) }
                == "The 1 scenes are of 1 recordings, which is too few for 2 splits: add some, or "
                + "divide the scans into files.")
        let two = try SplitProposal(
            [scene("a", at: 0), scene("b", at: 10)], shares: [.validation: 0.2])
        #expect(two.sequences.mapValues(\.count) == [.training: 1, .validation: 1])
        #expect(two.cutNeighbours == 2)
    }
}

@Suite struct RecognitionTests {
    @Test(
        "a folder's source is recognised by its contents",
        arguments: [
            ("semantickitti", "dataset/sequences/00/velodyne/a.bin"),
            ("nuscenes", "v1.0-mini/scene.json"), ("s3dis", "Area_3/office_1/coord.npy"),
            ("scannet", "scans/scene0000_00/scene0000_00_vh_clean_2.ply"),
            ("s3dis", "Area_1/hall_2/Annotations/wall_1.txt"),
            ("scannet", "val/scene0011_00/coord.npy"),
            ("structured3d", "val/scene_03000/room_12/coord.npy"),
            ("arkitscenes", "Validation/41048190/coord.npy"),
            ("waymo", "validation/segment-10203656353524179475_7625/1522688014970187/coord.npy"),
            ("las", "scans/a.las"),
            ("ply", "Area_1/a.ply"), ("pcd", "sequences/00/a.pcd"), ("folder", "train/a/coord.npy"),
            ("las", "deep/er/a.LAZ"), ("ply", "a.ply"), ("pcd", "a/b.pcd"),
        ])
    func foldersSourceIsRecognisedByItsContents(source: String, file: String) throws {
        let folder = try TemporaryFolder()
        try folder.write([1], to: file)
        #expect(try SourceCatalogue.source(of: folder.path).name == source)
    }

    @Test("a folder of unknown files is rejected") func folderOfUnknownFilesIsRejected() throws {
        let folder = try TemporaryFolder()
        try folder.write([1], to: "a.txt")
        #expect(
            sentence { _ = try SourceCatalogue.source(of: folder.path) }.hasPrefix(
                "Nothing in \(folder.path) is known: name the source with --data, one of semantickitti, "
            ))
        #expect(
            sentence { _ = try SourceCatalogue.source(of: folder.path + "/x") }
                == "There is no folder \(folder.path)/x: name the one that holds the data.")
    }
}
