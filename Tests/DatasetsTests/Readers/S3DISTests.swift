import DatasetTesting
import Datasets
import FoundationEssentials
import PointClouds
import Testing

@Suite struct S3DISTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try room("Area_1/office_1", ["wall_1": "1.5 -2 3 10 20 30\n2 2 2.25 0 0 255\n"])
        try room(
            "Area_5/hallway_6",
            [
                "ceiling_1": "0 0 3.048 185\u{10}187 182\r\n\n-1.5e0 0.001 3.05 1 2 3",
                "stairs_2": "4 5 6 7 8 9\n",
            ])
    }

    private func room(_ name: String, _ objects: [String: String]) throws {
        for (object, text) in objects {
            try folder.write(Array(text.utf8), to: "\(name)/Annotations/\(object).txt")
        }
    }

    private func open(_ split: Split) throws -> any SceneSource {
        try SourceCatalogue.open(DataSettings(source: "s3dis", path: folder.path), split: split)
    }

    @Test("rooms are read as downloaded") func roomsAreReadAsDownloaded() throws {
        let training = try open(.training)
        #expect(checkSource(training) == [])
        #expect(training.classes.count == 13)
        #expect(training.name(of: 0) == "Area_1/office_1")
        let validation = try open(.validation)
        #expect(checkSource(validation) == [])
        let cloud = try validation.scene(at: 0)
        #expect(cloud.origin == SIMD3(1, 3, 3))
        #expect(cloud.positions[2] == SIMD3(3, 2, 3))
        #expect(cloud.labels == [0, 0, 12])
        #expect(
            cloud[channel: "colour"]?.values
                == [185, 187, 182, 1, 2, 3, 7, 8, 9].map { Float(Double($0) / 255) })
        #expect(
            sentence { _ = try open(.test) }.hasPrefix("\(folder.path) has nothing for the test"))
    }

    @Test("Pointcept's layout is read") func pointceptsLayoutIsRead() throws {
        try Fixture.copy("numpy/plain", to: "Area_2/copyRoom_1", in: folder)
        var settings = DataSettings(source: "s3dis", path: folder.path)
        settings.sequences.training = ["Area_2"]
        settings.sequences.validation = ["Area_2/copyRoom_1"]
        let source = try SourceCatalogue.open(settings, split: .training)
        #expect(checkSource(source) == [])
        Fixture.expect(
            try source.scene(at: 0), has: ["intensity", "colour", "normal", "temperature"])
    }

    @Test("the error for an invalid line names it") func errorForInvalidLineNamesIt() throws {
        try room("Area_1/office_1", ["wall_1": "1 2 3 4 5 6\n1 2 3 4 5\n"])
        let path = folder.path + "/Area_1/office_1/Annotations/wall_1.txt"
        #expect(
            sentence { _ = try open(.training).scene(at: 0) }
                == "The file \(path) has a line 2 that is not x, y, z and a colour of three numbers "
                + "from 0 to 255, at byte 12: mend the line or copy the file again.")
        try room("Area_1/office_1", ["wall_1": "1 2 3 4 5 6\n1 2 3- 4 5 6\n"])
        #expect(
            sentence { _ = try open(.training).scene(at: 0) }
                == "The file \(path) has '3-' in line 2, where a number is expected, at byte 16: "
                + "correct the line or export the file again.")
        try room("Area_1/office_1", ["wall_1": "1 2 3 4 5 6\n", "lamp_1": "1 2 3 4 5 6\n"])
        #expect(
            sentence { _ = try open(.training).scene(at: 0) }.contains("is of an object 'lamp'"))
    }

    /// The expected numbers are those that the standard library reads.
    @Test("numbers are read exactly") func numbersAreReadExactly() throws {
        let texts = [
            "0", "-0.0", "1", "22.350", "0.000123", "123456789.123456789", "1e-7", "-1.5E+3",
            "9007199254740993", "0.1", "3.0000000000000000000001", "1e300", "+7", "00012.50",
            "5e-324", "179769313486231570000", ".5", "4.",
        ]
        for text in texts {
            try room("Area_1/office_1", ["wall_1": "\(text) 0 0 0 0 0\n"])
            let cloud = try open(.training).scene(at: 0)
            let value = try #require(Double(text.hasSuffix(".") ? text + "0" : text))
            let placed = Double(cloud.positions[0].x) + cloud.origin.x
            #expect(
                cloud.origin.x == value.rounded()
                    && cloud.positions[0].x == Float(value - value.rounded()), "\(text) \(placed)")
        }
    }
}
