import Foundation
import Testing

/// Workers on machines without the data, which fetch the scans from the coordinator.
@Suite struct StreamingTests {
    private let fixture: SharedFixture
    /// The folder of the coordinator and the scans.
    private let folder: Folder
    /// A folder in which the recipe's path does not exist.
    private let elsewhere: Folder

    init() throws {
        fixture = try SharedFixture.open()
        folder = try Folder()
        elsewhere = try Folder()
        try Scans.write(training: 13, validation: 2, to: "scans", in: folder)
        var recipe = fixture.distillation
        recipe.data = TinyRecipe.scans(at: "scans")
        try folder.write(recipe.yaml, to: "recipe.yaml")
    }

    /// The scans in the worker's cache.
    private func kept() throws -> [String] {
        guard elsewhere.has("cache/scans") else { return [] }
        return try elsewhere.names(in: "cache/scans").flatMap { part in
            try elsewhere.names(in: "cache/scans/\(part)").map { "cache/scans/\(part)/\($0)" }
        }.filter { $0.hasSuffix(".scan") }
    }

    private func expectSameBits(_ cluster: Cluster) throws {
        let outcome = try cluster.outcome()
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try folder.digest(of: "run") == fixture.digest)
    }

    @Test func workerWithoutScansFetchesThem() throws {
        let cluster = try Cluster(in: folder, minimumWorkers: 2)
        let owner = try cluster.join()
        let guest = try cluster.join(from: elsewhere, threads: 2)
        try expectSameBits(cluster)
        #expect(try !owner.outcome().errors.contains("scans are fetched"))
        let outcome = try guest.outcome()
        #expect(outcome.status == 0)
        #expect(
            outcome.errors.contains(
                "scans are fetched from the coordinator: There is no folder scans"))
        let kept = try kept()
        #expect(kept.count > 5 && kept.count <= 16, "scans and their list: \(kept.count)")
    }

    @Test func differentLocalScansAreNotUsed() throws {
        try Scans.write(training: 12, validation: 2, to: "scans", in: elsewhere)
        let cluster = try Cluster(in: folder)
        let guest = try cluster.join(from: elsewhere)
        try expectSameBits(cluster)
        #expect(
            try guest.outcome().errors.contains("the scans in scans differ from the coordinator's"))
    }

    @Test func workerKilledWhileFetchingIsReplaced() throws {
        let cluster = try Cluster(in: folder, minimumWorkers: 2)
        try cluster.join()
        let victim = try cluster.join("--stream", from: elsewhere)
        try wait("a scan") { try kept().count > 2 }
        victim.kill(9)
        // The cache contains scans of the killed worker, some possibly incomplete.
        let replacement = try cluster.join("--stream", from: elsewhere)
        try expectSameBits(cluster)
        #expect(try replacement.outcome().status == 0)
        #expect(try victim.outcome().status == -9)
    }

    @Test func damagedCacheIsFetchedAgainWithinLimit() throws {
        let cluster = try Cluster(in: folder)
        try cluster.join(from: elsewhere)
        try expectSameBits(cluster)
        let all = try kept()
        #expect(all.count == 16)
        for (number, name) in all.enumerated() {
            var bytes = try elsewhere.bytes(name)
            if number % 2 == 0 { bytes[bytes.count / 3] ^= 1 } else { bytes.removeLast(11) }
            try elsewhere.write(bytes, to: name)
        }
        try folder.remove("run")
        let again = try Cluster(in: folder)
        let teachers = try elsewhere.names(in: "cache").filter { $0.hasPrefix("teacher-") }
        let limit = try teachers.reduce(40_000) { try $0 + elsewhere.bytes("cache/\($1)").count }
        let guest = try again.join("--cache-limit", "\(limit)", from: elsewhere)
        try expectSameBits(again)
        #expect(try guest.outcome().errors.contains("is damaged: it is fetched again"))
        let sizes = try kept().map { try elsewhere.bytes($0).count }
        #expect(sizes.count > 1 && sizes.reduce(0, +) <= limit, "\(sizes)")
    }

    @Test func unreadableScanOfCoordinatorEndsRunOnBothSides() throws {
        let scan = "scans/sequences/00/velodyne/000004.bin"
        let bytes = try folder.bytes(scan)
        try folder.write(Array(bytes.dropLast(3)), to: scan)
        let cluster = try Cluster(in: folder)
        let guest = try cluster.join(from: elsewhere)
        expectLastSentence(try guest.outcome(), saying: [scan, "is no whole number of points"])
        expectLastSentence(try cluster.outcome(), saying: [scan, "is no whole number of points"])
        expectOneSentence(
            try Denju.run(
                ["worker", "--connect", "tcp://127.0.0.1:9", "--cache-limit", "much"], in: folder),
            saying: ["--cache-limit is 'much'", "20 GB"])
    }
}
