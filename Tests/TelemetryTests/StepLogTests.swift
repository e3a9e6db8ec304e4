import Foundation
import Telemetry
import Testing

@Suite struct StepLogTests {
    private static func record(_ step: Int) -> StepRecord {
        StepRecord(
            step: step, pass: 1, weightsVersion: step, time: 1_700_000_000.25, seconds: 2,
            loss: 0.5, terms: ["b": 0.125, "a": 0.375], weights: ["b": 1, "a": 0.5],
            gradientNorms: ["b": 2, "a": 4], metrics: ["a.kept": 0.25], gradientNorm: 3,
            learningRates: ["blocks": 0.001, "all": 0.01], samples: 4, points: 1000,
            phases: [
                .exchangeWait: PhaseTimes(minimum: 1, median: 2, maximum: 3, slowest: "w1"),
                .data: PhaseTimes(minimum: 0, median: 0, maximum: 0, slowest: "w0"),
            ],
            bytesUp: 10, bytesDown: 20, reissued: 1, duplicates: 2, joins: 3, deaths: 4, workers: 5)
    }

    /// Calls `body` with the path of a file that does not exist yet.
    private func withPath(_ body: (String) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "denju-\(UUID().uuidString).jsonl"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    private func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }

    @Test("the layout of a line is fixed") func layoutOfLineIsFixed() throws {
        try withPath { path in
            let log = try StepLog(path)
            try log.append(Self.record(7))
            #expect(
                try text(path) == """
                    {"bytesDown":20,"bytesUp":10,"deaths":4,"duplicates":2,"gradientNorm":3,\
                    "gradientNorms":{"a":4,"b":2},"joins":3,\
                    "learningRates":{"all":0.01,"blocks":0.001},"loss":0.5,\
                    "metrics":{"a.kept":0.25},"pass":1,\
                    "phases":{"data":{"max":0,"median":0,"min":0,"slowest":"w0"},\
                    "exchange_wait":{"max":3,"median":2,"min":1,"slowest":"w1"}},"points":1000,\
                    "pointsPerSecond":500,"reissued":1,"samples":4,"samplesPerSecond":2,\
                    "schema":1,"seconds":2,"step":7,"terms":{"a":0.375,"b":0.125},\
                    "time":1700000000.25,"weights":{"a":0.5,"b":1},"weightsVersion":7,"workers":5}

                    """)
            #expect(try StepLog.records(at: path) == [Self.record(7)])
        }
    }

    @Test("every line is written at once") func everyLineIsWrittenAtOnce() throws {
        try withPath { path in
            let log = try StepLog(path)
            for step in 1...5 {
                try log.append(Self.record(step))
                #expect(try StepLog.records(at: path).map(\.step) == Array(1...step))
            }
        }
    }

    @Test("infinities and NaN are written and read")
    func infinitiesAndNaNAreWrittenAndRead() throws {
        try withPath { path in
            let log = try StepLog(path)
            var record = Self.record(1)
            record.loss = .nan
            record.gradientNorm = .infinity
            try log.append(record)
            let read = try #require(try StepLog.records(at: path).first)
            #expect(read.loss.isNaN && read.gradientNorm == .infinity)
            #expect(try text(path).contains(#""loss":"nan""#))
        }
    }

    @Test("resuming removes later and incomplete lines", arguments: [0, 1, 3, 5, 9])
    func resumingRemovesLaterAndIncompleteLines(step: Int) throws {
        try withPath { path in
            do {
                let log = try StepLog(path)
                for step in 1...5 { try log.append(Self.record(step)) }
            }
            let whole = try text(path)
            // An incomplete line, a line without a line feed, and other bytes.
            for tail in ["", "{\"step\":6", "\u{0}\u{0}", "{\"step\":2,\n{\"st"] {
                try Data((whole + tail).utf8).write(to: URL(fileURLWithPath: path))
                let log = try StepLog(path, resumingAfter: step)
                #expect(
                    try StepLog.records(at: path).map(\.step) == Array(1...5).filter { $0 <= step })
                try log.append(Self.record(step + 1))
                #expect(try StepLog.records(at: path).last?.step == step + 1)
                #expect(try text(path).hasPrefix(step >= 5 ? whole : ""))
            }
        }
    }

    @Test("errors name the file") func errorsNameFile() throws {
        let error = #expect(throws: LogError.self) { try StepLog("/nowhere/at/all.jsonl") }
        #expect(
            error?.description
                == "/nowhere/at/all.jsonl cannot be opened: No such file or directory.")
        try withPath { path in
            try Data("{}\n".utf8).write(to: URL(fileURLWithPath: path))
            let error = #expect(throws: LogError.self) { try StepLog.records(at: path) }
            #expect(error?.description == "\(path) has no record in line 1 (byte 0).")
        }
    }

    @Test("phase times are summarised over workers")
    func phaseTimesAreSummarisedOverWorkers() throws {
        let times = [("w2", 3.0), ("w1", 3.0), ("w0", 1.0), ("w3", 2.0)].map {
            (worker: $0.0, seconds: $0.1)
        }
        #expect(
            PhaseTimes(times) == PhaseTimes(minimum: 1, median: 2.5, maximum: 3, slowest: "w1"))
        #expect(PhaseTimes(times.dropFirst(3))?.median == 2)
        #expect(PhaseTimes([]) == nil)
        #expect(
            StepRecord(step: 1, weightsVersion: 1, time: 0, seconds: 0, loss: 0).pointsPerSecond
                == 0)
    }
}
