import Cluster
import Synchronization
import Testing

@Suite("What a worker prepares ahead of time")
struct PreparationsTests {
    private let key = PrefetchTable<String>.Key(step: 3, shard: 1)

    @Test("what was prepared is taken out once")
    func ready() {
        var preparations = PrefetchTable<String>()
        let begun = [preparations.begin(key), preparations.begin(key)]
        #expect(begun == [true, false])
        let wanted = preparations.end(key, with: "clouds")
        #expect(wanted == nil)
        guard case .ready("clouds") = preparations.take(key, then: { _ in }) else {
            Issue.record("It was prepared and is not there.")
            return
        }
        guard case .absent = preparations.take(key, then: { _ in }) else {
            Issue.record("It was taken out and is still there.")
            return
        }
    }

    @Test("who comes too early leaves the rest to the thread that is at it")
    func early() {
        var preparations = PrefetchTable<String>()
        let said = Mutex("")
        _ = preparations.begin(key)
        guard
            case .underWay = preparations.take(
                key,
                then: { text in
                    said.withLock { $0 = text ?? "nothing" }
                })
        else {
            Issue.record("It is being prepared.")
            return
        }
        preparations.end(key, with: "clouds")?("clouds")
        #expect(said.withLock { $0 } == "clouds")
        let begun = preparations.begin(key)
        #expect(begun, "It was handed over and is not kept besides.")
    }

    @Test("what could not be prepared is made when its step begins")
    func failure() {
        var preparations = PrefetchTable<String>()
        _ = preparations.begin(key)
        let wanted = preparations.end(key, with: nil)
        #expect(wanted == nil)
        guard case .absent = preparations.take(key, then: { _ in }) else {
            Issue.record("There is nothing to be had.")
            return
        }
    }

    @Test("what belongs to earlier steps is dropped, also while it is being prepared")
    func forgotten() {
        var preparations = PrefetchTable<String>()
        _ = preparations.begin(key)
        preparations.forget(before: 4)
        let wanted = preparations.end(key, with: "clouds")
        #expect(wanted == nil)
        guard case .absent = preparations.take(key, then: { _ in }) else {
            Issue.record("It was forgotten.")
            return
        }
    }

    @Test("what is prepared can be looked at and stays")
    func lookedAt() {
        var preparations = PrefetchTable<String>()
        _ = preparations.begin(key)
        #expect(preparations.prepared(key) == nil, "under way")
        _ = preparations.end(key, with: "clouds")
        #expect(preparations.prepared(key) == "clouds" && preparations.prepared(key) == "clouds")
    }

    @Test("what is prepared beyond the next step is counted, done or not")
    func beyond() {
        var preparations = PrefetchTable<String>()
        for key in [(3, 0), (4, 0), (5, 1)].map({ PrefetchTable<String>.Key(step: $0, shard: $1) })
        {
            _ = preparations.begin(key)
        }
        _ = preparations.end(PrefetchTable<String>.Key(step: 4, shard: 0), with: "clouds")
        #expect([2, 3, 4, 5].map { preparations.count(after: $0) } == [3, 2, 1, 0])
    }
}
