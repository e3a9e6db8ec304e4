import Tensors
import Testing

@Suite("Buffers of tensors")
struct StorageTests {
    /// Numbers of values of every kind of buffer: small ones, whole pages, more than a region.
    private static func count(_ random: inout CounterGenerator) -> Int {
        let power = Double(random.uniform()) * 17
        let most = random.uniform() < 0.002 ? 20_000_000.0 : Double(1 << Int(power)) * 2
        return Int(Double(random.uniform()) * most)
    }

    /// Takes and gives back in a random order; each buffer must still hold what was put there.
    private static func churn(seed: UInt64, rounds: Int) -> Int {
        var random = CounterGenerator(seed: seed, purpose: .init("buffers"))
        var held: [(tensor: Tensor, mark: Float)] = []
        var damaged = 0
        func check(_ entry: (tensor: Tensor, mark: Float)) {
            entry.tensor.withValues { values in
                let last = values.count - 1
                for place in stride(from: 0, through: last, by: max(last / 97, 1))
                where values[place] != entry.mark { damaged += 1 }
                if values[last] != entry.mark { damaged += 1 }
            }
        }
        for round in 0..<rounds {
            if held.count > 40 || (random.uniform() < 0.45 && !held.isEmpty) {
                let place = Int(Double(random.uniform()) * Double(held.count - 1))
                check(held.swapAt(place))
            } else {
                let mark = Float(round)
                let columns = count(&random) + 1
                held.append((Tensor(rows: 1, columns: columns, filledWith: mark), mark))
            }
        }
        for entry in held { check(entry) }
        return damaged
    }

    @Test("a held buffer is not handed out again", arguments: [1, 2, 3] as [UInt64])
    func alone(seed: UInt64) {
        #expect(Self.churn(seed: seed, rounds: 4_000) == 0)
    }

    @Test("buffers of several threads stay separate")
    func threads() {
        let damaged = ThreadTeam(threads: 4).working {
            ThreadTeam.map(8) { Self.churn(seed: UInt64(10 + $0), rounds: 1_500) }
        }
        #expect(damaged == [Int](repeating: 0, count: 8))
    }

    @Test("buffers that another thread returned are reused without allocations by the system")
    func steady() {
        func pass(_ seed: UInt64) {
            var random = CounterGenerator(seed: seed, purpose: .init("steady"))
            var kept: [Tensor] = []
            for _ in 0..<200 {
                let rows = 500 + Int(random.uniform() * 1_500)
                kept.append(Tensor(rows: rows, columns: 64, filledWith: 1))
                if kept.count > 20 { kept.remove(at: Int(random.uniform() * 19)) }
            }
        }
        pass(0)
        let before = PoolCounts.ofThisThread
        // Other sizes in another order every time: classes of sizes would miss now and then.
        for seed in 1..<20 { pass(UInt64(seed)) }
        let after = PoolCounts.ofThisThread
        #expect(after.systemAllocations == before.systemAllocations)
        #expect(after.taken > before.taken + 3_000)
    }
}

extension Array {
    /// Removes an element in constant time; the last one takes its place.
    fileprivate mutating func swapAt(_ place: Int) -> Element {
        swapAt(place, count - 1)
        return removeLast()
    }
}
