import DatasetTesting
import Datasets
import Formats
import FoundationEssentials
import PointClouds
import Testing

@Suite struct SettingsTests {
    private func decode(_ json: String) throws -> DataSettings {
        try JSONDecoder().decode(DataSettings.self, from: Data(json.utf8))
    }

    @Test("settings are decoded and encoded") func settingsAreDecodedAndEncoded() throws {
        let settings = try decode(
            """
            {"source": "semantickitti", "path": "data",
             "sequences": {"training": ["00", "01"], "validation": ["08"]},
             "scenes": {"training": 12}, "options": {"instances": true, "beams": 12}}
            """)
        #expect(settings.sequences[.training] == ["00", "01"])
        #expect(settings.sequences[.test] == nil)
        #expect(settings.scenes[.training] == 12)
        #expect(settings.seed == 0)
        #expect(settings.options == ["instances": 1, "beams": 12])
        let again = try JSONDecoder().decode(
            DataSettings.self, from: try JSONEncoder().encode(settings))
        #expect(again == settings)
    }

    @Test("classes and fields are decoded") func classesAndFieldsAreDecoded() throws {
        let settings = try decode(
            """
            {"source": "ply", "classes": ["road", {"tree": [3, 4]},
             {"house": {"from": 6, "colour": [1, 2, 255]}}, {"ignored": [9, -1]},
             {"ignored": "rest"}],
             "fields": {"label": "scalar_L", "colour": ["R", "G", "B"]}, "channels": ["colour"]}
            """)
        let list = ClassList(
            [
                .init("road", from: [0]), .init("tree", from: [3, 4]),
                .init("house", from: [6], colour: .init(1, 2, 255)),
            ], ignored: [9, -1], ignoresRest: true)
        #expect(settings.classes == .listed(list))
        #expect(settings.fields == ["label": ["scalar_L"], "colour": ["R", "G", "B"]])
        #expect(settings.channels == ["colour"])
        let again = try JSONDecoder().decode(
            DataSettings.self, from: try JSONEncoder().encode(settings))
        #expect(again == settings)
        #expect(try decode(#"{"source": "las", "classes": "asprs"}"#).classes == .named("asprs"))
        let map = ClassMap(list)
        #expect([0, 3, 4, 6, 9, -1, 77].map { map.label(of: $0) } == [0, 1, 1, 2, -1, -1, -1])
        #expect([-1, 0, 1, 2, 3].map { map.number(of: $0) } == [9, 0, 3, 6, nil])
        #expect(ClassMap(ClassList([.init("a", from: [1])])).label(of: 0) == nil)
        #expect(ClassMap(ClassList([.init("a", from: [1])])).number(of: -1) == 0)
        #expect(ClassMap(ClassList([.init("a", from: [0])])).number(of: -1) == -1)
    }

    @Test(
        "contradictory class lists are rejected",
        arguments: [
            (#"[{"a": 1}, {"b": 1}]"#, "gives the number 1 to 'a' and to 'b'"),
            (#"[{"a": 1}, {"a": 2}]"#, "names 'a' twice"),
            (
                #"["2", "3"]"#,
                "lists '2' without a number, so that the number of its points would be 0"
            ),
            (#"["0", "1", "5"]"#, "write '5: 5' if it is the number in the files"),
            (#"[{"2": "ground"}]"#, "gives the class '2' the number 'ground'"),
            (#"["road", "ignored"]"#, "lists 'ignored' without numbers"),
            (#"[{"a": 1}, {"ignored": 1}]"#, "gives the number 1 to 'a' and to 'ignored'"),
            (#"[{"a": 1, "b": 2}]"#, "not of the form 'name: number'"),
            (#"[{"a": 1}, {"ignored": "some"}]"#, "ignores 'some'"),
            (#"[{"a": {"from": 1, "colour": [1, 2]}}]"#, "a colour that is not"),
            (#"[]"#, "names no class"),
            (#"[{"a": []}]"#, "gives 'a' no number"),
        ])
    func contradictoryClassListsAreRejected(list: String, reason: String) {
        #expect {
            try decode(#"{"source": "ply", "classes": \#(list)}"#)
        } throws: {
            "\($0)".contains(reason)
        }
    }

    @Test("built-in class lists are consistent", arguments: ClassLists.all.map(\.name))
    func builtInClassListsAreConsistent(name: String) throws {
        let list = try #require(ClassLists.named(name))
        let again = try JSONDecoder().decode(ClassList.self, from: JSONEncoder().encode(list))
        #expect(again == list, "writing and reading checks it")
        let map = ClassMap(list)
        #expect(map.palette.count == map.classes.count)
        for label in map.classes.indices {
            let number = try #require(map.number(of: Int32(label)))
            #expect(map.label(of: number) == Int32(label))
        }
    }

    @Test(
        "unknown keys are rejected",
        arguments: [
            (
                #"{"source": "streets", "sead": 3}"#,
                "data has no setting 'sead': did you mean 'seed'?"
            ),
            (
                #"{"source": "streets", "scenes": {"train": 3}}"#,
                "data, by split has no setting 'train': did you mean 'training'?"
            ),
        ])
    func unknownKeysAreRejected(json: String, sentence: String) {
        #expect {
            try decode(json)
        } throws: { error in
            guard case DecodingError.dataCorrupted(let context) = error else { return false }
            return context.debugDescription == sentence
        }
    }

    @Test("an unknown source is answered with the known ones")
    func unknownSourceIsAnsweredWithKnownOnes() {
        #expect {
            try SourceCatalogue.open(DataSettings(source: "kitty"), split: .training)
        } throws: {
            "\($0)".hasPrefix("There is no data source 'kitty': use one of semantickitti")
        }
        #expect {
            try SourceCatalogue.open(DataSettings(source: "semantickitti"), split: .training)
        } throws: {
            "\($0)".hasPrefix("The source 'semantickitti' reads files: set data.path")
        }
        let settings = DataSettings(
            source: "semantickitti", path: "/", options: ["instanses": 1])
        #expect { try SourceCatalogue.open(settings, split: .training) } throws: {
            "\($0)"
                == "The source 'semantickitti' has no option 'instanses': did you mean 'instances'?"
        }
    }

    @Test("a summary counts points and classes") func summaryCountsPointsAndClasses() {
        var summary = SourceSummary(classes: ["ground", "tree"])
        summary.add(
            Cloud(
                positions: [SIMD3(0, 0, 0), SIMD3(4, 2, 1), SIMD3(-1, 1, 1), .zero],
                labels: [0, 0, 1, Cloud.ignored]))
        summary.add(Cloud(positions: [SIMD3(0, 0, -1)], labels: [0]))
        #expect(summary.pointsOfClass == [3, 1])
        #expect(summary.scenesOfClass == [2, 1])
        #expect(summary.ignored == 1 && summary.points == 5 && summary.scenes == 2)
        #expect(summary.lower == SIMD3(-1, 0, -1) && summary.upper == SIMD3(4, 2, 1))
        #expect(
            "\(summary)"
                == """
                2 scenes, 5 points (2 a scene), 20.0 % without a class, 5.0 x 2.0 x 2.0 m
                ground  60.0 %, in 2 of 2 scenes
                tree    20.0 %, in 1 of 2 scenes
                """)
    }
}

@Suite struct CheckSourceTests {
    /// A source that violates the contract in configurable ways.
    private struct Broken: SceneSource {
        var name = "broken"
        var classes = ["a", "b"]
        var channels = [ChannelSpecification("intensity")]
        var count = 2
        var sameName = false
        var cloud = Cloud(
            positions: [.zero, .one], channels: [.init(name: "intensity", values: [0, 1])],
            labels: [0, 1])
        func name(of index: Int) -> String { sameName ? "x" : "\(index)" }
        func scene(at index: Int) throws -> Cloud { cloud }
    }

    @Test("checkSource accepts a valid source") func checksourceAcceptsValidSource() {
        #expect(checkSource(Broken()) == [])
    }

    @Test("checkSource reports each violation") func checksourceReportsEachViolation() {
        func breaches(_ change: (inout Broken) -> Void) -> String {
            var source = Broken()
            change(&source)
            return checkSource(source).joined(separator: "; ")
        }
        #expect(breaches { $0.sameName = true }.contains("share a name"))
        #expect(breaches { $0.sameName = true }.contains("share a sample id"))
        #expect(breaches { $0.count = 0 }.contains("no scenes"))
        #expect(breaches { $0.cloud.labels = [0, 2] }.contains("is no class"))
        #expect(breaches { $0.cloud.labels = [0] }.contains("1 labels for 2 points"))
        #expect(breaches { $0.cloud.positions[1].y = .nan }.contains("not finite"))
        #expect(breaches { $0.cloud.channels = [] }.contains("other channels"))
        #expect(breaches { $0.cloud.channels[0].values[0] = 2 }.contains("outside 0 ... 1"))
        #expect(breaches { $0.classes = ["a", "a"] }.contains("two classes share a name"))
    }
}
