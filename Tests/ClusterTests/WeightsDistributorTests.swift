import Cluster
import Testing

/// Decisions about which worker is sent which parts of the weights: two buckets, statistics, one frozen
/// bucket.
@Suite struct WeightsDistributorTests {
    typealias Part = WeightsDistributor.Part

    private static func distributor(
        _ averages: WeightsParts.Averages, versions: Range<Int>
    ) -> (WeightsDistributor, WeightsParts) {
        let parts = WeightsParts(learning: 2, frozen: 1, averages: averages)
        var distributor = WeightsDistributor(parts)
        for index in parts.frozenBuckets { _ = distributor.add(Part(version: 0, index: index)) }
        for version in versions {
            for index in parts.versioned {
                _ = distributor.add(Part(version: version, index: index))
            }
        }
        return (distributor, parts)
    }

    @Test("a worker receives a version and the frozen parts once")
    func workerReceivesEachPartOnce() {
        var (distributor, parts) = Self.distributor(.unused, versions: 3..<4)
        let first = distributor.assign(.step, to: 1, version: 3)
        #expect(first.map(\.index) == Array(parts.frozenBuckets) + [0, 1, 2])
        #expect(distributor.assign(.step, to: 1, version: 3).isEmpty)
        #expect(distributor.assign(.labels, to: 1, version: 3).isEmpty, "it has the same parts")
    }

    @Test("only workers of the current step receive the next version as it is made")
    func nextVersionGoesToWorkersOfTheStep() {
        var (distributor, _) = Self.distributor(.unused, versions: 0..<1)
        _ = distributor.assign(.step, to: 1, version: 0)
        _ = distributor.assign(.labels, to: 2, version: 0)
        #expect(distributor.add(Part(version: 1, index: 0)) == [1])
        #expect(distributor.add(Part(version: 1, index: 0)).isEmpty, "it was sent")
        let rest = distributor.assign(.step, to: 3, version: 0)
        #expect(rest.last == Part(version: 1, index: 0), "a later worker receives it too")
        #expect(distributor.assign(.step, to: 2, version: 1) == [Part(version: 1, index: 0)])
        #expect(distributor.add(Part(version: 1, index: 1)) == [1, 2, 3])
        #expect(
            distributor.add(Part(version: 2, index: 0)) == [2], "1 and 3 have no lease of step 1")
    }

    @Test("a worker that only labels receives the averages alone")
    func labellingWorkerReceivesAverages() {
        var (distributor, parts) = Self.distributor(.labels, versions: 0..<1)
        let labels = distributor.assign(.labels, to: 1, version: 0)
        #expect(labels.map(\.index) == Array(parts.frozenBuckets) + Array(parts.averaged))
        #expect(distributor.assign(.step, to: 1, version: 0).map(\.index) == [0, 1, 2])
        #expect(distributor.assign(.step, to: 2, version: 0).count == 4, "no averages")
    }

    @Test("objectives that need the averages receive them at every step")
    func stepsReceiveAveragesWhereNeeded() {
        var (distributor, parts) = Self.distributor(.steps, versions: 0..<1)
        let step = distributor.assign(.step, to: 1, version: 0)
        #expect(step.count == 1 + parts.versioned.count)
    }

    @Test("two versions are available at a time")
    func olderVersionsAreDropped() {
        var (distributor, _) = Self.distributor(.unused, versions: 0..<3)
        #expect(distributor.assign(.step, to: 1, version: 1).count == 7)
        #expect(distributor.add(Part(version: 0, index: 0)).isEmpty, "it comes too late")
        #expect(distributor.add(Part(version: 9, index: 99)).isEmpty, "there is no such part")
    }

    @Test("a worker that was removed has received nothing")
    func removedWorkerHasReceivedNothing() {
        var (distributor, _) = Self.distributor(.unused, versions: 0..<1)
        _ = distributor.assign(.step, to: 1, version: 0)
        distributor.remove(1)
        #expect(distributor.add(Part(version: 1, index: 0)).isEmpty)
        #expect(distributor.assign(.step, to: 1, version: 0).count == 5)
    }
}
