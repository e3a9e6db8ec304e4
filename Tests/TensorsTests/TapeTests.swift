import TensorTesting
import Tensors
import Testing

@Suite("Tape")
struct TapeTests {
    @Test(
        "gradients of a chain of 100 000 steps are computed, and the chain released, without recursion"
    )
    func deepChain() throws {
        let tape = Tape()
        let x = tape.variable(Tensor(1))
        var y = x
        for _ in 0..<50_000 { y = (y + x).scaled(by: 0.5) }
        #expect(tape.count == 100_001)
        #expect(y.scalar == 1)
        // y = y/2 + x/2 each time: the gradients sum to 1.
        let gradient = try #require(tape.gradients(from: y)[x])
        #expect(gradient.scalar == 1)
    }

    @Test("a chain without backward is released without recursion")
    func abandonedChain() {
        let tape = Tape()
        var y = tape.variable(Tensor(1))
        for _ in 0..<100_000 { y = y.gelu() }
        #expect(tape.count == 100_001)
    }

    @Test("a leaf with several uses is delivered once, complete, in order of first use")
    func leavesInOrder() {
        let tape = Tape()
        let a = tape.variable(Tensor(2))
        let b = tape.variable(Tensor(3))
        let c = tape.variable(Tensor(5))
        let unused = tape.variable(Tensor(7))
        let y = (a * b + c) * a  // dy/da = 2ab + c, dy/db = a², dy/dc = a
        var order: [LeafID?] = []
        var found: [Float] = []
        let rest = tape.gradients(from: y) { leaf, gradient in
            order.append(leaf)
            found.append(gradient.scalar)
        }
        #expect(order == [c.leafID, b.leafID, a.leafID])
        #expect(found == [2, 4, 17])
        for leaf in [a, b, c, unused] { #expect(rest[leaf] == nil) }
    }

    @Test("gradients of leaves that are not delivered early are in the result")
    func gradientsByLeaf() throws {
        let tape = Tape()
        let a = tape.variable(Tensor(2))
        let b = tape.variable(Tensor(3))
        let gradients = tape.gradients(from: a * b, seed: Tensor(10))
        #expect(gradients[a]?.scalar == 30)
        #expect(gradients[try #require(b.leafID)]?.scalar == 20)
    }

    @Test("backward begins at several outputs at once, each with its seed")
    func severalOutputs() {
        let tape = Tape()
        let a = tape.variable(Tensor(2))
        let square = a * a
        let cube = square * a
        let gradients = tape.gradients(
            from: [(square, Tensor(1)), (cube, Tensor(10)), (Tensor(4), Tensor(1)), (a, Tensor(3))])
        #expect(gradients[a]?.scalar == Float(4 + 120 + 3))
    }

    @Test("constants have no gradient and add no step to the tape")
    func constants() {
        let tape = Tape()
        let x = tape.variable(Tensor(2))
        let frozen = Tensor(3).gelu() * Tensor(5)
        #expect(!frozen.requiresGradient)
        #expect(tape.count == 1)
        let y = x * frozen
        #expect(y.requiresGradient && !y.detached.requiresGradient)
        #expect(tape.gradients(from: y)[x]?.scalar == frozen.scalar)
    }

    @Test("the seed and shared gradients are never overwritten")
    func sharedGradients() {
        let tape = Tape()
        let a = tape.variable(Tensor(rows: 1, columns: 3, [1, 2, 3]))
        let b = tape.variable(Tensor(rows: 1, columns: 3, [4, 5, 6]))
        let seed = Tensor(rows: 1, columns: 3, [1, 10, 100])
        let sum = a + b
        // The gradient of `sum` reaches a and b as one and the same buffer; a gets more added.
        let gradients = tape.gradients(from: [(sum, seed), (a, seed), (sum, seed)])
        #expect(seed.values == [1, 10, 100])
        #expect(gradients[b]?.values == [2, 20, 200])
        #expect(gradients[a]?.values == [3, 30, 300])
    }

    @Test("memory of a step is released as soon as its gradient is propagated")
    func earlyRelease() {
        let tape = Tape()
        let first = tape.variable(.random(rows: 4, columns: 4, seed: 1))
        let second = tape.variable(.random(rows: 4, columns: 4, seed: 2))
        var hidden: Tensor? = first.gelu()
        weak let kept = hidden?.storage
        let y = (hidden ?? first) * second
        hidden = nil
        #expect(kept != nil)
        tape.gradients(from: y) { leaf, _ in
            // The product's other factor is needed until the product's own step is passed.
            if leaf == first.leafID { #expect(kept == nil) }
        }
        #expect(kept == nil)
    }

    @Test("a second run of the same computation allocates nothing from the system")
    func steadyState() {
        let parameters = [
            Tensor.random(rows: 96, columns: 48, seed: 1), .random(rows: 1, columns: 96, seed: 2),
            .random(rows: 48, columns: 96, seed: 3), .random(rows: 1, columns: 48, seed: 4),
            .random(rows: 1, columns: 48, seed: 5),
        ]
        let x = Tensor.random(rows: 700, columns: 48, seed: 6)
        func step() -> Float {
            let tape = Tape()
            let p = parameters.map { tape.variable($0) }
            var y = x
            for _ in 0..<3 {
                y = y + y.layerNorm(scale: p[4], shift: p[3]).mlp(fc1: p[0], p[1], fc2: p[2], p[3])
            }
            let (normal, _) = y.batchNormTraining(scale: p[4], shift: p[3], gelu: true)
            let loss = normal.softmax().segmentMax(
                Segments(segmentOfRow: (0..<700).map { Int32($0 / 7) }, count: 100)
            ).mean()
            var total = loss.scalar
            tape.gradients(from: loss) { _, gradient in total += gradient.sum().scalar }
            return total
        }
        let first = step()
        let before = PoolCounts.ofThisThread
        #expect(step() == first)
        let after = PoolCounts.ofThisThread
        #expect(after.systemAllocations == before.systemAllocations)
        #expect(after.systemBytes == before.systemBytes)
        #expect(after.taken > before.taken)
    }

    @Test("a tape that has computed gradients refuses further use with a sentence")
    func spentTape() async {
        await #expect(processExitsWith: .failure) {
            let tape = Tape()
            let x = tape.variable(Tensor(1))
            let y = x * x
            tape.gradients(from: y)
            tape.gradients(from: y)
        }
    }
}
