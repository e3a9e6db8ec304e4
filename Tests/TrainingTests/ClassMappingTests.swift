import DenjuInference
import Files
import Foundation
import Networks
import PointClouds
import Tensors
import Testing
import Training

/// A teacher of other classes than the data's.
@Suite struct ClassMappingTests {
    private let known = ["car", "van", "ground", "sky", "tree"]
    private let classes = ["tree", "vehicle", "ground"]
    private let assignments = ["car": "vehicle", "van": "vehicle"]

    private func model(names: [String]? = nil) throws -> StoredModel {
        let text = #"{"preset": "tiny-student", "num_classes": 5, "in_channels": 3}"#
        let description = try JSONDecoder().decode(NetworkRecipe.self, from: Data(text.utf8))
        var model = try StoredModel(untrained: description, seed: 3, path: "a teacher")
        model.card = ModelCard(
            grid: 0.1, features: ["position"], classes: (names ?? known).map { .init($0) })
        return model
    }

    /// Scores of every size, the largest differences included.
    private var scores: Tensor {
        var random = CounterGenerator(seed: 9, purpose: .init("scores"))
        return Tensor(rows: 64, columns: 5) { values in
            for place in 0..<320 {
                let size = [Float(1), 10, 100, 1000][place / 5 % 4]
                values[place] = size * (Float(random.index(below: 2001)) / 1000 - 1)
            }
        }
    }

    @Test func sharesAreSumsOfShares() {
        let mapping = ClassMapping(parts: [[4], [0, 1], [2]])
        let scores = scores
        let mapped = mapping(scores)
        #expect(mapped.rows == 64 && mapped.columns == 3)
        mapped.withValues { mapped in
            scores.withValues { scores in
                for row in 0..<64 {
                    // In Float64, from the definition.
                    let given = (0..<5).map { Double(scores[row * 5 + $0]) }
                    let top = given.max()!
                    let kept = mapping.parts.map { $0.reduce(0) { $0 + exp(given[$1] - top) } }
                    let all = kept.reduce(0, +)
                    let values = (0..<3).map { Double(mapped[row * 3 + $0]) }
                    let most = values.max()!
                    let sum = values.reduce(0) { $0 + exp($1 - most) }
                    for place in 0..<3 {
                        #expect(values[place].isFinite)
                        guard all > 0 else { continue }
                        let share = exp(values[place] - most) / sum
                        #expect((share - kept[place] / all).magnitude < 1e-4 * max(1, top / 100))
                    }
                    #expect(mapped[row * 3] == scores[row * 5 + 4], "one part: its very bits")
                    #expect(mapped[row * 3 + 2] == scores[row * 5 + 2])
                }
            }
        }
    }

    @Test func assignmentsMapClassesByName() throws {
        let teacher = try model().adaptedTeacher(
            classes, inputs: 3, assignments, withHeads: false)
        #expect(
            teacher.noteOnMapping
                == "the teacher's scores for sky are left out: these are no classes of the data")
        // Two files that differ in nothing but the mapping are two teachers.
        let others = try model().adaptedTeacher(
            classes, inputs: 3, ["car": "vehicle", "sky": "ignored"], withHeads: false)
        let bytes = try [model(), teacher, others].map { try $0.safetensors() }
        #expect(Set(bytes.map { SHA256(of: $0).hex }).count == 3)
        // A worker that fetches the file maps alike.
        let path = NSTemporaryDirectory() + "denju-mapping-\(UUID().uuidString).safetensors"
        try Data(bytes[1]).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(try StoredModel(path).safetensors() == bytes[1])
        #expect(try StoredModel(path).noteOnMapping == teacher.noteOnMapping)
        // What leaves training knows nothing of it.
        #expect(String(decoding: bytes[0], as: UTF8.self).contains("teacher-classes") == false)
    }

    @Test func differencesFromTheDataAreNamed() throws {
        func refusal(
            _ assignments: [String: String]?, inputs: Int = 3, withHeads: Bool = false
        ) throws -> String {
            let error = try #require(throws: ModelError.self) {
                try model().adaptedTeacher(
                    classes, inputs: inputs, assignments, withHeads: withHeads)
            }
            return error.description
        }
        let plain = try refusal(nil)
        #expect(plain.contains("does not know vehicle and knows car, van, sky, which the data"))
        #expect(plain.contains("teacher.classes"))
        #expect(try refusal(["bus": "vehicle"]).contains("names 'bus', which the teacher does not"))
        #expect(try refusal(["car": "auto"]).contains("stand for 'auto', which the data do not"))
        #expect(try refusal([:]).hasPrefix("No class of the teacher stands for vehicle: "))
        let heads = try refusal(assignments, withHeads: true)
        #expect(heads.contains("auxiliary heads"))
        #expect(try refusal(assignments, inputs: 4).contains("reads 3 values a point"))
    }
}
