import Foundation
import Testing

/// `denju bench load`: what it prints of a small case.
@Suite struct LoadTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    private struct Load: Decodable {
        let workers: Int
        let lostWorkers: Int
        let joinsPerS: Double
        let bytesUpPerStep: Int
    }

    /// More workers than micro-shards: all are heard, nobody is lost, and the spares send nothing
    /// but heartbeats.
    @Test func aCoordinatorServesSimulatedWorkers() throws {
        let outcome = try Denju.run(
            [
                "bench", "load", "--workers", "24", "--shards", "4", "--steps", "2", "--student",
                "tiny-student", "--heartbeat-timeout", "30", "--json",
            ], in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let rows = try decoder.decode([Load].self, from: Data(outcome.output.utf8))
        #expect(rows.count == 2)
        for row in rows { #expect(row.workers == 24 && row.lostWorkers == 0) }
        // Four gradients of 0.36 million values.
        #expect((4 << 20..<8 << 20).contains(rows[1].bytesUpPerStep))
    }

    @Test func mistakesAreOneSentence() throws {
        expectOneSentence(
            try Denju.run(["bench", "load", "--workers", "0"], in: folder), saying: ["workers"])
    }
}
