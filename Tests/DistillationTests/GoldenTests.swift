import Distillation
import Foundation
import NetworkTesting
import Networks
import PointClouds
import Settings
import Testing

/// Every objective beside values and whole gradients computed in Float64 by PyTorch: by the
/// authors' released code where there is any, else by a transcription of the papers' formulas
/// (`References/make_goldens.py`).
@Suite struct GoldenTests {
    private static let page = Result { try GoldenPage() }

    @Test(arguments: GoldenPage.names)
    func valueAndGradients(name: String) throws {
        let page = try Self.page.get()
        let golden = try #require(page.goldens.first { $0.name == name })
        let entry = try #require(ObjectiveCatalogue[golden.objective])
        let settings = try SettingsMapping(yaml: golden.settings.text, path: golden.objective)
        try page.check(golden, of: try entry.term(settings).objective)
    }

    @Test func everyObjectiveHasAGolden() throws {
        let page = try Self.page.get()
        #expect(page.goldens.count >= 31 && Set(GoldenPage.names).count == page.goldens.count)
        for entry in ObjectiveCatalogue.entries {
            #expect(page.goldens.contains { $0.objective == entry.name }, "\(entry.name)")
        }
    }
}

/// Page of golden values that `make_goldens.py` writes.
private struct GoldenPage: Decodable {
    /// The names of all goldens; empty if the page cannot be read.
    static let names = ((try? GoldenPage())?.goldens ?? []).map(\.name)

    struct Golden: Decodable {
        let name: String
        let objective: String
        let settings: JSONSettings
        /// The clouds of its mini-batch.
        let clouds: [Int]
        let value: Double
        /// By signal or parameter, all rows in a row; those that are missing are 0.
        let gradients: [String: [Double]]
    }

    struct Cloud: Decodable {
        let labels: [Int32]
        let cells: [[Int32]]
        /// The voxels of stage 1, in the order in which this page has them.
        let coarse: [[Int32]]
        let positions: [[Float]]
        let turn: Int
        let student: [String: [[Double]]]
        let teacher: [String: [[Double]]]
        let strongStudent: [String: [[Double]]]
        let strongTeacher: [String: [[Double]]]
        let average: [String: [[Double]]]
        let heads: [String: [[Double]]]
    }

    let classes: Int
    let clouds: [Cloud]
    /// By name and shape: `projector.weight 6x4`.
    let parameters: [String: [[Double]]]
    let goldens: [Golden]

    init() throws {
        guard
            let file = Bundle.module.url(
                forResource: "goldens", withExtension: "json", subdirectory: "References")
        else { throw ObjectiveViolation("There are no goldens.") }
        self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: file))
    }

    func check(_ golden: Golden, of objective: some Objective) throws {
        let clouds = golden.clouds.map { self.clouds[$0] }
        var trial = ObjectiveTrial(
            sizes: clouds.map(\.labels.count), classes: classes, studentWidth: 4, teacherWidth: 6)
        let orders = try clouds.map { try $0.rowsOfStage1() }
        for (place, cloud) in clouds.enumerated() {
            cloud.fill(&trial.clouds[place], order: orders[place])
        }
        trial = try trial.prepared(for: objective)
        for place in trial.parameters.indices {
            let (name, rows) = trial.parameters[place]
            let key = "\(name) \(rows.count)x\(rows[0].count)"
            trial.parameters[place].rows = try #require(parameters[key], "\(key)")
        }
        for shards in [1, min(3, clouds.count)] {
            let found = try trial.outcome(of: objective, shards: trial.shards(shards))
            #expect(abs(found.value - golden.value) <= 1e-6 * abs(golden.value))
            var unread = Set(golden.gradients.keys)
            func compare(_ name: String, _ gradient: [Double]) {
                let wanted = golden.gradients[name]
                unread.remove(name)
                expect(gradient, wanted ?? gradient.map { _ in 0 }, name)
            }
            for (signal, name) in zip(found.slopes.signals, trial.signalNames) {
                let isCoarse = name.hasSuffix("1")
                compare(
                    name,
                    zip(signal, orders).flatMap { rows, order in
                        isCoarse
                            ? rows.indices.flatMap { rows[order.firstIndex(of: $0)!] }
                            : rows.flatMap { $0 }
                    })
            }
            for ((name, _), rows) in zip(trial.parameters, found.slopes.parameters) {
                compare(name, rows.flatMap { $0 })
            }
            #expect(unread.isEmpty, "Nothing was asked about \(unread).")
        }
    }

    private func expect(_ found: [Double], _ wanted: [Double], _ name: String) {
        guard found.count == wanted.count else {
            Issue.record("\(name): \(found.count) numbers, not \(wanted.count).")
            return
        }
        let gap = zip(found, wanted).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
        let length = wanted.reduce(0) { $0 + $1 * $1 }.squareRoot()
        #expect(gap <= 1e-5 * length + 1e-9, "\(name): off by \(gap) of \(length)")
    }
}

extension GoldenPage.Cloud {
    /// For each row of stage 1 its place in ``coarse``.
    fileprivate func rowsOfStage1() throws -> [Int] {
        let hierarchy = try ObjectiveTrial.geometry.hierarchy(
            gridCoordinates: [cells.map { SIMD3($0[0], $0[1], $0[2]) }])
        return try hierarchy.stages[1].gridCoordinates.map { cell in
            try #require(coarse.firstIndex(of: [cell.x, cell.y, cell.z]))
        }
    }

    fileprivate func fill(_ cloud: inout ObjectiveTrial.Cloud, order: [Int]) {
        func voice(
            _ said: [String: [[Double]]], else other: [String: [[Double]]] = [:]
        ) -> ObjectiveTrial.SyntheticOutputs {
            let all = other.merging(said) { $1 }
            func rows(_ tap: Tap, of table: [String: [[Double]]]) -> [[Double]] {
                let rows = table["\(tap)"] ?? []
                return tap.stage == 1 && !rows.isEmpty ? order.map { rows[$0] } : rows
            }
            var voice = cloud.teacher
            voice.logits = all["logits"] ?? []
            for tap in ObjectiveTrial.taps {
                voice.features[tap] = rows(tap, of: all)
                if heads["\(tap)"] != nil { voice.auxiliary[tap] = rows(tap, of: heads) }
            }
            return voice
        }
        cloud.labels = labels
        cloud.cells = cells.map { SIMD3($0[0], $0[1], $0[2]) }
        cloud.positions = positions.map { SIMD3($0[0], $0[1], $0[2]) }
        cloud.quarterTurns = turn
        cloud.student = voice(student)
        cloud.teacher = voice(teacher)
        cloud.strongStudent = voice(strongStudent, else: student)
        cloud.strongTeacher = voice(strongTeacher, else: teacher)
        cloud.average = voice(average, else: student)
    }
}

extension ObjectiveTrial {
    /// The names of ``ObjectiveVariables/signals`` on the page.
    fileprivate var signalNames: [String] {
        let further = (plan?.studentTaps ?? []).filter { $0 != .decoder(0) }.map { "\($0)" }
        let weak = ["logits", "dec0"] + further
        let isStrong = plan?.needs.contains(.strongView) == true
        return isStrong ? weak + weak.map { "strong." + $0 } : weak
    }
}

/// Settings in a JSON file, as the text that a recipe would hold: JSON is YAML.
private struct JSONSettings: Decodable {
    let text: String

    private enum Value: Codable {
        case flag(Bool)
        case number(Double)
        case text(String)
        case list([Value])
        case mapping([String: Value])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let value = try? container.decode(Bool.self) {
                self = .flag(value)
            } else if let value = try? container.decode(Double.self) {
                self = .number(value)
            } else if let value = try? container.decode(String.self) {
                self = .text(value)
            } else if let value = try? container.decode([Value].self) {
                self = .list(value)
            } else {
                self = .mapping(try container.decode([String: Value].self))
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .flag(let value): try container.encode(value)
            case .number(let value): try container.encode(value)
            case .text(let value): try container.encode(value)
            case .list(let value): try container.encode(value)
            case .mapping(let value): try container.encode(value)
            }
        }
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.singleValueContainer().decode([String: Value].self)
        text = String(decoding: try JSONEncoder().encode(values), as: UTF8.self)
    }
}
