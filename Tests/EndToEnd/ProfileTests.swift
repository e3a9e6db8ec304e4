import Foundation
import Testing

@Suite struct ProfileTests {
    private let folder: Folder
    private let fixture: SharedFixture

    init() throws {
        folder = try Folder()
        fixture = try SharedFixture.open()
    }

    private struct Report: Decodable {
        struct Part: Decodable {
            let name: String
            let parameters: Int
            let operations: Int
            let milliseconds: [Double]
        }
        let points: Int
        let voxels: Int
        let parameters: Int
        let operations: Int
        let peakBytes: Int
        let threads: [Int]
        let milliseconds: [Double]
        let parts: [Part]
    }

    @Test func profileReportsCostOfEveryPart() throws {
        let scan = fixture.folder("scans/sequences/08/velodyne/000000.bin")
        let outcome = try Denju.run(
            [
                "profile", fixture.folder("run"), scan, "--threads", "1,2", "--passes", "2",
                "--json",
            ], in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let report = try decoder.decode(Report.self, from: Data(outcome.output.utf8))
        #expect(report.points == Scans.points)
        #expect((1...report.points).contains(report.voxels))
        #expect(report.threads == [1, 2] && report.milliseconds.count == 2)
        #expect(
            report.parts.map(\.name)
                == ["voxels", "curves", "embedding", "enc0", "enc1", "dec0", "seg_head"])
        #expect(report.parameters == report.parts.reduce(0) { $0 + $1.parameters })
        #expect(report.operations == report.parts.reduce(0) { $0 + $1.operations })
        #expect(report.peakBytes > 1 << 20)
        // The head is 8 x 19 and its bias: two operations for each weight and voxel.
        #expect(report.parts.last?.parameters == 8 * 19 + 19)
        #expect(report.parts.last?.operations == 2 * 8 * 19 * report.voxels)
        #expect(report.parts.allSatisfy { $0.milliseconds.allSatisfy { $0 >= 0 } })
    }

    @Test func profilePrintsATable() throws {
        let outcome = try Denju.run(
            ["profile", fixture.folder("run"), "--passes", "1"], in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        for word in ["embedding", "GFLOP", "ms, 1 threads", "peak memory"] {
            #expect(outcome.output.contains(word), "\(outcome.output)")
        }
        let mistake = try Denju.run(
            ["profile", fixture.folder("run"), "--threads", "1,x"], in: folder)
        expectOneSentence(mistake, saying: ["--threads is 1,x"])
    }
}
