import Tensors
import Testing

/// Values in memory that the caller owns.
@Suite("Tensors over others' bytes")
struct BorrowedTests {
    /// Bytes of a tensor, from one of them on.
    private final class Bytes: LastingBytes {
        let tensor: Tensor
        let range: Range<Int>

        init(_ tensor: Tensor, _ range: Range<Int>) {
            self.tensor = tensor
            self.range = range
        }

        func withBytes<Result, Failure: Error>(
            _ body: (RawSpan) throws(Failure) -> Result
        ) throws(Failure) -> Result {
            var result: Swift.Result<Result, Failure>?
            tensor.withBytes { all in
                do throws(Failure) {
                    result = .success(try body(all.extracting(range)))
                } catch { result = .failure(error) }
            }
            return try result!.get()
        }
    }

    private static let numbers = Tensor(rows: 1, columns: 40, (0..<40).map { Float($0) })

    @Test func storageReadsTheCallersBytes() throws {
        let tensor = try #require(
            Tensor(rows: 3, columns: 7, readingIn: Bytes(Self.numbers, 20..<104)))
        #expect(tensor.values == (5..<26).map { Float($0) })
        #expect((tensor + tensor).values == (5..<26).map { 2 * Float($0) })
    }

    @Test func storageHoldsItsOwner() throws {
        var bytes: Bytes? = Bytes(Self.numbers, 0..<160)
        weak let owner = bytes
        var tensor = Tensor(rows: 1, columns: 40, readingIn: bytes!)
        bytes = nil
        #expect(owner != nil)
        #expect(tensor?.scalarSum == 780)
        tensor = nil
        #expect(owner == nil)
    }

    @Test(
        "refuses bytes that are no whole values, too few or too many, or that lie askew",
        arguments: [0..<79, 0..<76, 0..<84, 2..<82, 3..<83, 0..<0])
    func unalignedOrPartialBytesAreRefused(range: Range<Int>) {
        #expect(Tensor(rows: 4, columns: 5, readingIn: Bytes(Self.numbers, range)) == nil)
    }

    @Test("sums are written over pool memory without other references, and over no other memory")
    func sumsAreWrittenOverUnsharedPoolMemory() throws {
        let count = 1000
        func fresh(_ value: Float) -> Tensor {
            Tensor(rows: 1, columns: count, filledWith: value)
        }
        /// Buffers that a sum takes.
        func taken(_ sum: () -> Tensor, _ expected: Float) -> Int {
            let before = PoolCounts.ofThisThread.taken
            let result = sum()
            #expect(result.values == [Float](repeating: expected, count: count))
            return PoolCounts.ofThisThread.taken - before
        }
        let kept = fresh(1)
        let borrowed = try #require(
            Tensor(rows: 1, columns: count, readingIn: Bytes(kept, 0..<4 * count)))
        #expect(taken({ fresh(2).adding(kept) }, 3) == 1, "over the first, which was taken")
        #expect(taken({ kept.adding(fresh(2)) }, 3) == 1, "over the second")
        #expect(taken({ kept.adding(kept) }, 2) == 1, "over neither")
        #expect(taken({ borrowed.adding(kept) }, 2) == 1, "over neither")
        #expect(taken({ fresh(5).adding(borrowed) }, 6) == 1, "over the first")
        #expect(kept.values == [Float](repeating: 1, count: count))
    }
}

extension Tensor {
    fileprivate var scalarSum: Float { values.reduce(0, +) }
}
