import Foundation
import Testing

/// Workers on machines that do not have the data: they are sent the scans, and the run's weights are
/// the same, bit for bit.
@Suite struct StreamingTests {
    private let workshop: Workshop
    /// Where the coordinator runs and the scans lie.
    private let folder: Folder
    /// Where the recipe's path leads nowhere.
    private let elsewhere: Folder

    init() throws {
        workshop = try Workshop.open()
        folder = try Folder()
        elsewhere = try Folder()
        try Scans.write(training: 13, validation: 2, to: "scans", in: folder)
        var recipe = workshop.distillation
        recipe.data = TinyRecipe.scans(at: "scans")
        try folder.write(recipe.yaml, to: "recipe.yaml")
    }

    /// What a worker has kept of scans.
    private func kept() throws -> [String] {
        guard elsewhere.has("cache/scans") else { return [] }
        return try elsewhere.names(in: "cache/scans").flatMap { part in
            try elsewhere.names(in: "cache/scans/\(part)").map { "cache/scans/\(part)/\($0)" }
        }.filter { $0.hasSuffix(".scan") }
    }

    private func expectSameBits(_ cluster: Cluster) throws {
        let outcome = try cluster.outcome()
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try folder.digest(of: "run") == workshop.digest)
    }

    @Test func oneHasTheScansAndOneIsSentThem() throws {
        let cluster = try Cluster(in: folder, minimumWorkers: 2)
        let owner = try cluster.join()
        let guest = try cluster.join(from: elsewhere, threads: 2)
        try expectSameBits(cluster)
        #expect(try !owner.outcome().errors.contains("scans are fetched"))
        let said = try guest.outcome()
        #expect(said.status == 0)
        #expect(said.errors.contains("scans are fetched from the coordinator: There is no folder scans"))
        let kept = try kept()
        #expect(kept.count > 5 && kept.count <= 16, "scans and their list: \(kept.count)")
    }

    @Test func otherScansOfTheSameNameAreLeftAlone() throws {
        try Scans.write(training: 12, validation: 2, to: "scans", in: elsewhere)
        let cluster = try Cluster(in: folder)
        let guest = try cluster.join(from: elsewhere)
        try expectSameBits(cluster)
        #expect(try guest.outcome().errors.contains("the scans in scans differ from the coordinator's"))
    }

    @Test func aGuestIsKilledWhileItFetchesAndAnotherGoesOn() throws {
        let cluster = try Cluster(in: folder, minimumWorkers: 2)
        try cluster.join()
        let victim = try cluster.join("--stream", from: elsewhere)
        try wait("a scan") { try kept().count > 2 }
        victim.kill(9)
        // With the scans that the first had fetched, some perhaps half written.
        let heir = try cluster.join("--stream", from: elsewhere)
        try expectSameBits(cluster)
        #expect(try heir.outcome().status == 0)
        #expect(try victim.outcome().status == -9)
    }

    @Test func damageInTheCacheIsFetchedAgainAndTheLimitIsKept() throws {
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
        let limit = 40_000
        let guest = try again.join("--cache-limit", "\(limit)", from: elsewhere)
        try expectSameBits(again)
        #expect(try guest.outcome().errors.contains("is damaged: it is fetched again"))
        let sizes = try kept().map { try elsewhere.bytes($0).count }
        #expect(sizes.count > 1 && sizes.reduce(0, +) <= limit, "\(sizes)")
    }

    @Test func aScanThatTheCoordinatorCannotReadEndsTheRunWithItsSentence() throws {
        let scan = "scans/sequences/00/velodyne/000004.bin"
        let bytes = try folder.bytes(scan)
        try folder.write(Array(bytes.dropLast(3)), to: scan)
        let cluster = try Cluster(in: folder)
        let guest = try cluster.join(from: elsewhere)
        expectLastSentence(try guest.outcome(), saying: [scan, "is truncated"])
        expectLastSentence(try cluster.outcome(), saying: [scan, "is truncated"])
        expectOneSentence(
            try Denju.run(
                ["worker", "--connect", "tcp://127.0.0.1:9", "--cache-limit", "much"], in: folder),
            saying: ["--cache-limit is 'much'", "20 GB"])
    }
}
