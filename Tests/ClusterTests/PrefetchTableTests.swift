import Cluster
import Synchronization
import Testing

@Suite("A table of prefetched work")
struct PrefetchTableTests {
    private let key = PrefetchTable<String>.Key(step: 3, shard: 1)

    @Test("a prepared piece is taken once")
    func preparedPieceIsTakenOnce() {
        var table = PrefetchTable<String>()
        let isNew = [table.begin(key, generation: 0), table.begin(key, generation: 0)]
        #expect(isNew == [true, false])
        let continuation = table.end(key, generation: 0, with: "clouds")
        #expect(continuation == nil)
        guard case .ready("clouds") = table.take(key, then: { _ in }) else {
            Issue.record("The prepared piece is missing.")
            return
        }
        guard case .absent = table.take(key, then: { _ in }) else {
            Issue.record("The piece was taken and is still there.")
            return
        }
    }

    @Test("the continuation of an early request is run by the preparing thread")
    func earlyRequestLeavesAContinuation() {
        var table = PrefetchTable<String>()
        let received = Mutex("")
        _ = table.begin(key, generation: 0)
        guard
            case .underWay = table.take(
                key,
                then: { text in
                    received.withLock { $0 = text ?? "nothing" }
                })
        else {
            Issue.record("The piece is not reported as being prepared.")
            return
        }
        table.end(key, generation: 0, with: "clouds")?("clouds")
        #expect(received.withLock { $0 } == "clouds")
        let isNew = table.begin(key, generation: 0)
        #expect(isNew, "A piece that was handed over is not kept.")
    }

    @Test("a piece that could not be prepared is absent")
    func failedPieceIsAbsent() {
        var table = PrefetchTable<String>()
        _ = table.begin(key, generation: 0)
        let continuation = table.end(key, generation: 0, with: nil)
        #expect(continuation == nil)
        guard case .absent = table.take(key, then: { _ in }) else {
            Issue.record("A piece that failed is reported.")
            return
        }
    }

    @Test("pieces of earlier steps are dropped, also while they are being prepared")
    func earlierStepsAreDropped() {
        var table = PrefetchTable<String>()
        _ = table.begin(key, generation: 0)
        table.forget(before: 4)
        let continuation = table.end(key, generation: 0, with: "clouds")
        #expect(continuation == nil)
        guard case .absent = table.take(key, then: { _ in }) else {
            Issue.record("A dropped piece is reported.")
            return
        }
    }

    @Test("a prepared piece that is read stays in the table")
    func readPieceStays() {
        var table = PrefetchTable<String>()
        _ = table.begin(key, generation: 0)
        #expect(table.prepared(key) == nil, "under way")
        _ = table.end(key, generation: 0, with: "clouds")
        #expect(table.prepared(key) == "clouds" && table.prepared(key) == "clouds")
    }

    @Test("pieces of later steps are counted, ready or under way")
    func laterPiecesAreCounted() {
        var table = PrefetchTable<String>()
        for key in [(3, 0), (4, 0), (5, 1)].map({ PrefetchTable<String>.Key(step: $0, shard: $1) })
        {
            _ = table.begin(key, generation: 0)
        }
        _ = table.end(
            PrefetchTable<String>.Key(step: 4, shard: 0), generation: 0, with: "clouds")
        #expect([2, 3, 4, 5].map { table.count(after: $0) } == [3, 2, 1, 0])
    }

    @Test("a piece that replaced threads prepare is abandoned, and may be prepared anew")
    func replacedThreadsAreNotWaitedFor() {
        var table = PrefetchTable<String>()
        let received = Mutex("")
        _ = table.begin(key, generation: 0)
        _ = table.take(key) { text in received.withLock { $0 = text ?? "nothing" } }
        for successor in table.abandon(before: 1) { successor(nil) }
        #expect(received.withLock { $0 } == "nothing")
        let isNew = table.begin(key, generation: 1)
        #expect(isNew)
        let late = table.end(key, generation: 0, with: "late")
        #expect(late == nil && table.prepared(key) == nil, "the old thread's piece is dropped")
        #expect(table.abandon(before: 1).isEmpty, "the new thread's piece is not abandoned")
        _ = table.end(key, generation: 1, with: "clouds")
        #expect(table.prepared(key) == "clouds")
    }
}
