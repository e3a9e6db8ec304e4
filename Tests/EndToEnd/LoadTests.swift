import Foundation
import Testing

/// `denju-bench load` with a few workers.
@Suite struct LoadTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    private struct Load: Decodable {
        let workers: Int
        let relays: Int
        let lostWorkers: Int
        let joinsPerS: Double
        let bytesUpPerStep: Int
    }

    /// With more workers than micro-shards, no worker is lost, and idle workers send only heartbeats.
    @Test func coordinatorServesSimulatedWorkers() throws {
        let outcome = try Denju.bench(
            [
                "load", "--workers", "24", "--shards", "4", "--steps", "2", "--student",
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

    /// With relays the coordinator receives one sum per relay instead of one per worker.
    @Test func relaysReduceTrafficOfCoordinator() throws {
        let outcome = try Denju.bench(
            [
                "load", "--workers", "8", "--relays", "2", "--shards", "8", "--steps", "2",
                "--student", "tiny-student", "--heartbeat-timeout", "30", "--json",
            ], in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let rows = try decoder.decode([Load].self, from: Data(outcome.output.utf8))
        #expect(rows.map(\.relays) == [0, 2, 0, 2])
        #expect(rows.allSatisfy { $0.workers == 8 && $0.lostWorkers == 0 })
        // Eight gradients of 0.36 million values, and two.
        #expect((8 << 20..<16 << 20).contains(rows[2].bytesUpPerStep))
        #expect(rows[3].bytesUpPerStep < rows[2].bytesUpPerStep / 3)
    }

    @Test func mistakesAreOneSentence() throws {
        expectOneSentence(
            try Denju.bench(["load", "--workers", "0"], in: folder), saying: ["workers"])
    }
}
