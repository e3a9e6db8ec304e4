import Foundation
import Testing

/// Every format goes through the same options, checks and remarks.
@Suite struct ReadingTests {
    private let folder: Folder
    private let model: String

    init() throws {
        folder = try Folder()
        let fixture = try SharedFixture.open()
        let outcome = try Denju.run(
            ["export", fixture.folder("run"), "--output", "m.safetensors"], in: folder)
        guard outcome.status == 0 else { throw TestError(outcome.errors) }
        model = folder("m.safetensors")
    }

    private func predict(_ scans: [String], _ options: [String] = []) throws -> Command.Outcome {
        try Denju.run(
            ["predict", model, "--output", "out-\(UUID().uuidString.prefix(8))"] + options + scans,
            in: folder)
    }

    private func labels(_ scan: String, _ options: [String] = []) throws -> [UInt8] {
        let outcome = try Denju.run(
            ["predict", model, "--output", "out"] + options + [scan], in: folder)
        guard outcome.status == 0 else { throw TestError(outcome.errors) }
        let name = URL(filePath: scan).deletingPathExtension().lastPathComponent
        return try folder.bytes("out/\(name).label")
    }

    @Test("options count for .bin scans, and unknown ones are refused")
    func optionsCountForBinScans() throws {
        let scan = try Case.path("bin255.bin")
        let detected = try predict([scan])
        #expect(detected.status == 0 && detected.errors.contains("/ 255"), "\(detected.errors)")
        let stated = try predict([scan], ["--option", "intensity-range=255"])
        #expect(stated.errors.contains("divided by 255, as --option"), "\(stated.errors)")
        let clamped = try predict([scan], ["--option", "intensity-range=1"])
        #expect(clamped.status == 0)
        #expect(clamped.errors.contains("values of intensity outside 0 to 1 are clamped"))
        #expect(clamped.errors.contains("give --option intensity-range=NUMBER"))
        expectLastSentence(
            try predict([scan], ["--option", "nonsense=3"]),
            saying: ["--option nonsense does not exist"])
    }

    @Test("scaled intensities have the labels of unscaled ones")
    func scaledIntensitiesHaveSameLabels() throws {
        try folder.write(PointFile().bin(), to: "one.bin")
        try folder.write(PointFile().bin(scale: 255), to: "full.bin")
        let plain = try labels("one.bin")
        #expect(try labels("full.bin") == plain)
        #expect(try labels("full.bin", ["--option", "intensity-range=255"]) == plain)
        _ = try labels("full.bin", ["--option", "intensity-range=1", "--probabilities"])
        let clamped = try folder.bytes("out/full.probabilities.npy")
        _ = try labels("full.bin", ["--probabilities"])
        #expect(try folder.bytes("out/full.probabilities.npy") != clamped)
    }

    @Test("survey coordinates in Float32 are refused in every format")
    func surveyCoordinatesAreRefused() throws {
        let scan = try Case.path("binutm.bin")
        expectLastSentence(
            try predict([scan]), saying: ["Float32 loses millimetres", "give --option centre=1"])
        #expect(try predict([scan], ["--option", "centre=1"]).status == 0)
        var far = PointFile()
        for index in far.points.indices { far.points[index].x += 650_000 }
        try folder.write(far.bin(more: [0]), to: "far.pcd.bin")
        try folder.write(far.pcd(), to: "far2.pcd")
        for name in ["far.pcd.bin", "far2.pcd"] {
            expectLastSentence(try predict([name]), saying: ["give --option centre=1"])
        }
    }

    @Test("the number of columns is an option and is reported")
    func numberOfColumnsIsReported() throws {
        let scan = try Case.path("five-columns.bin")
        let stated = try predict([scan], ["--option", "columns=5"])
        #expect(stated.status == 0, "\(stated.errors)")
        #expect(stated.errors.contains("240 points of 5 numbers (x, y, z, intensity, column[4])"))
        let guessed = try predict([scan])
        #expect(guessed.errors.contains("300 points of 4 numbers"), "\(guessed.errors)")
        #expect(guessed.errors.contains("would also be points of"))
        #expect(guessed.errors.contains("--option columns"))
        try folder.write(Array(PointFile().bin().dropLast(4)), to: "cut.bin")
        expectLastSentence(
            try predict(["cut.bin"]), saying: ["no whole number of points of 4 numbers"])
        expectLastSentence(
            try predict([scan], ["--option", "columns=2"]), saying: ["from 3 to 64"])
        try folder.write(PointFile().ply(), to: "a.ply")
        expectLastSentence(
            try predict(["a.ply"], ["--option", "columns=5"]), saying: ["none is named"])
    }

    @Test("a column of a .bin scan can be named")
    func columnCanBeNamed() throws {
        let plain = PointFile()
        try folder.write(plain.bin(), to: "plain.bin")
        var shifted: [UInt8] = []
        for point in plain.points {
            shifted += [point.x, point.y, point.z, 0.5, point.value].flatMap {
                PointFile.word($0.bitPattern)
            }
        }
        try folder.write(shifted, to: "shifted.bin")
        #expect(
            try labels(
                "shifted.bin",
                [
                    "--option", "columns=5", "--option", "intensity-range=1", "--field",
                    "intensity=column[4]",
                ]) == labels("plain.bin"))
        expectLastSentence(
            try predict(["plain.bin"], ["--field", "intensity=nothing"]),
            saying: ["plain.bin does not have", "give --field intensity=NAME"])
    }

    @Test(
        "fields that the model does not read are not judged",
        arguments: ["nan-label.ply", "extra-nan.las", "name-inside.npz"])
    func unneededFieldsAreNotJudged(name: String) throws {
        let outcome = try predict([try Case.path(name)], ["--option", "centre=1"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("1 scans labelled"))
    }

    @Test("unneeded values of other formats are not judged either")
    func unneededValuesAreNotJudged() throws {
        var points = PointFile()
        try folder.write(points.bin(more: [.nan]), to: "time.bin")
        try folder.write(points.ply(more: " nan"), to: "other.ply")
        let pcd = points.pcd().replacing(" 1\n", with: " 1\n")
            .replacing("TYPE F F F F U", with: "TYPE F F F F F")
            .replacing(" 0\n", with: " nan\n")
        try folder.write(pcd, to: "label.pcd")
        for name in ["other.ply", "label.pcd"] {
            let outcome = try predict([name])
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        let drawn = try Denju.run(
            ["render", "other.ply", "--output", "a.png", "--size", "64x64"], in: folder)
        #expect(drawn.status == 0, "\(drawn.errors)")
        let outcome = try predict(["time.bin"], ["--option", "columns=5"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        points.points[3].value = .nan
        try folder.write(points.bin(), to: "needed.bin")
        expectLastSentence(
            try predict(["needed.bin"]),
            saying: ["nan as the 'intensity' of point 3", "the model reads this value"])
    }

    @Test(
        "points without coordinates are left out on request, and keep their place in the file",
        arguments: ["a.bin", "a.ply", "a.pcd", "a.npy"])
    func pointsWithoutCoordinatesAreLeftOut(name: String) throws {
        var file = PointFile()
        file.points[5].y = .nan
        file.points[17].x = .infinity
        let bytes: [UInt8] =
            switch name.suffix(3) {
            case "bin": file.bin()
            case "ply": Array(file.ply().utf8)
            case "pcd": Array(file.pcd().utf8)
            default: PointFile.npy(file.points.map { [$0.x, $0.y, $0.z, $0.value] })
            }
        try folder.write(bytes, to: name)
        let fields = name == "a.npy" ? ["--field", "intensity=column[3]"] : []
        expectLastSentence(
            try predict([name], fields), saying: ["give --option drop-invalid=1"])
        let outcome = try Denju.run(
            [
                "predict", model, "--output", "out", "--probabilities", "--option",
                "drop-invalid=1", name,
            ] + fields, in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(
            outcome.errors.contains("2 points without finite coordinates are left out"),
            "\(outcome.errors)")
        #expect(try folder.bytes("out/a.probabilities.npy").count == 128 + 4 * 19 * 160)
        if name == "a.bin" {
            let words = try folder.bytes("out/a.label")
            #expect(words.count == 4 * 160)
            #expect(words[20..<24] == [0, 0, 0, 0] && words[68..<72] == [0, 0, 0, 0])
            #expect(words[24..<28] != [0, 0, 0, 0])
        }
    }

    @Test("other scans are labelled if some cannot be read")
    func otherScansAreLabelled() throws {
        try folder.write(PointFile().bin(), to: "good.bin")
        try folder.write(Array(PointFile().bin().dropLast(3)), to: "cut.bin")
        try folder.write("ply\nnonsense\n", to: "bad.ply")
        let scans = ["cut.bin", "good.bin", "bad.ply", "absent.pcd"]
        let strict = try predict(scans)
        #expect(strict.status == 2)
        let outcome = try Denju.run(
            ["predict", model, "--output", "out", "--keep-going"] + scans, in: folder)
        #expect(outcome.status == 3, "\(outcome.errors)")
        #expect(outcome.output.contains("1 scans labelled, 3 not labelled: out"))
        for part in ["cut.bin", "bad.ply", "There is no file absent.pcd"] {
            #expect(outcome.errors.contains(part), "\(outcome.errors)")
        }
        #expect(try folder.bytes("out/good.label").count == 4 * 160)
    }

    @Test("scans without points are skipped and counted")
    func emptyScansAreSkipped() throws {
        try folder.write(PointFile().bin(), to: "good.bin")
        try folder.write([], to: "empty.bin")
        var none = PointFile()
        none.points = []
        try folder.write(none.ply(), to: "empty2.ply")
        try folder.write(none.pcd(), to: "empty3.pcd")
        let outcome = try predict(["empty.bin", "good.bin", "empty2.ply", "empty3.pcd"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("1 scans labelled, 3 without points skipped"))
        expectLastSentence(
            try Denju.run(["profile", model, "empty2.ply"], in: folder), saying: ["has no points"])
    }

    @Test("a pipe is no scan") func pipeIsNoScan() throws {
        let outcome = try Denju.script(
            "cat /dev/null | denju predict m.safetensors --output o /dev/stdin 2>&1 || echo $?",
            in: folder)
        #expect(outcome.output.contains("/dev/stdin is a pipe"), "\(outcome.output)")
        #expect(outcome.output.hasSuffix("2\n"))
    }
}
