import CKernels
import Foundation
import Tensors
import Testing

/// The attention in Double with a full row of probabilities, and its gradients written out.
private struct PlainAttention {
    let plan: PatchPlan
    let channels: Int
    let heads: Int
    var width: Int { channels / heads }

    /// Calls `body` with each query row, head, its key rows and their probabilities.
    func forEachQuery(
        _ qkv: [Double], _ body: (_ row: Int, _ head: Int, _ keys: [Int], _ p: [Double]) -> Void
    ) {
        for patch in 0..<plan.patches {
            let keys = plan.keys[Int(plan.starts[patch])..<Int(plan.starts[patch + 1])].map(
                Int.init)
            for row in keys.prefix(Int(plan.queries[patch])) {
                for head in 0..<heads {
                    let scores = keys.map { key in
                        (0..<width).reduce(0.0) { sum, c in
                            sum + qkv[at(row, 0, head, c)] * qkv[at(key, 1, head, c)]
                        } / Double(width).squareRoot()
                    }
                    let largest = scores.max() ?? 0
                    let powers = scores.map { exp($0 - largest) }
                    let sum = powers.reduce(0, +)
                    body(row, head, keys, powers.map { $0 / sum })
                }
            }
        }
    }

    /// The place of a channel of a query (part 0), key (1) or value (2).
    func at(_ row: Int, _ part: Int, _ head: Int, _ c: Int) -> Int {
        row * 3 * channels + part * channels + head * width + c
    }

    func value(_ qkv: [Double]) -> [Double] {
        var y = [Double](repeating: 0, count: plan.rows * channels)
        forEachQuery(qkv) { row, head, keys, p in
            for (key, p) in zip(keys, p) {
                for c in 0..<width {
                    y[row * channels + head * width + c] += p * qkv[at(key, 2, head, c)]
                }
            }
        }
        return y
    }

    func gradient(_ qkv: [Double], _ dy: [Double]) -> [Double] {
        var dqkv = [Double](repeating: 0, count: qkv.count)
        let scale = 1 / Double(width).squareRoot()
        forEachQuery(qkv) { row, head, keys, p in
            let g = (0..<width).map { dy[row * channels + head * width + $0] }
            let dp = keys.map { key in
                (0..<width).reduce(0.0) { $0 + g[$1] * qkv[at(key, 2, head, $1)] }
            }
            let mean = zip(p, dp).reduce(0.0) { $0 + $1.0 * $1.1 }
            for (index, key) in keys.enumerated() {
                let ds = p[index] * (dp[index] - mean) * scale
                for c in 0..<width {
                    dqkv[at(row, 0, head, c)] += ds * qkv[at(key, 1, head, c)]
                    dqkv[at(key, 1, head, c)] += ds * qkv[at(row, 0, head, c)]
                    dqkv[at(key, 2, head, c)] += p[index] * g[c]
                }
            }
        }
        return dqkv
    }
}

struct AttentionShape: Sendable, CustomTestStringConvertible {
    var clouds: [Int]
    var patch: Int
    var heads: Int
    var width: Int
    /// The spread of queries: with large values one key has all the weight.
    var spread: Float = 2
    var testDescription: String {
        "clouds \(clouds), patch \(patch), \(heads) x \(width), spread \(spread)"
    }
    var rows: Int { clouds.reduce(0, +) }
    var channels: Int { heads * width }

    static let all: [AttentionShape] = [
        .init(clouds: [96], patch: 48, heads: 2, width: 16),
        .init(clouds: [100, 33, 7], patch: 48, heads: 2, width: 16),
        .init(clouds: [1, 2, 300], patch: 128, heads: 1, width: 16),
        .init(clouds: [130], patch: 1024, heads: 2, width: 32),
        .init(clouds: [70], patch: 65, heads: 1, width: 64),
        .init(clouds: [50], patch: 17, heads: 3, width: 8),
        .init(clouds: [90], patch: 40, heads: 2, width: 20),
        .init(clouds: [40], patch: 9, heads: 2, width: 1),
        .init(clouds: [60], patch: 33, heads: 1, width: 80),
        .init(clouds: [200], patch: 150, heads: 2, width: 16, spread: 60),
    ]

    /// Patches over a shuffled order, each cloud's last one filled up from the one before.
    var plan: PatchPlan {
        var generator = CounterGenerator(seed: 3, purpose: .init("patch order"))
        var starts: [Int32] = [0]
        var keys: [Int32] = []
        var queries: [Int32] = []
        var first = 0
        for count in clouds {
            let order = (first..<first + count).map(Int32.init).shuffled(using: &generator)
            let size = min(patch, count)
            for begin in stride(from: 0, to: count, by: size) {
                let own = order[begin..<min(begin + size, count)]
                keys += own
                if own.count < size { keys += order[(begin - size + own.count)..<begin] }
                starts.append(Int32(keys.count))
                queries.append(Int32(own.count))
            }
            first += count
        }
        return PatchPlan(rows: rows, starts: starts, keys: keys, queries: queries)
    }

    var qkv: [Float] { uniformValues(rows * 3 * channels, seed: 7, "qkv").map { $0 * spread } }
    var dy: [Float] { uniformValues(rows * channels, seed: 7, "dy") }

    /// Value and gradient as the operation computes them.
    func run() throws -> [[Float]] {
        let tape = Tape()
        let x = tape.variable(Tensor(rows: rows, columns: 3 * channels, qkv))
        let y = x.patchAttention(heads: heads, plan: plan)
        let gradients = tape.gradients(from: y, seed: Tensor(rows: rows, columns: channels, dy))
        return [y.values, try #require(gradients[x]).values]
    }
}

@Suite(.serialized) struct PatchAttentionTests {
    @Test(arguments: AttentionShape.all)
    func valueAndGradientsAgreeWithTheDefinition(shape: AttentionShape) throws {
        let plain = PlainAttention(
            plan: shape.plan, channels: shape.channels, heads: shape.heads)
        let qkv = shape.qkv.map(Double.init)
        let results = try shape.run()
        // An error of a score is an error of its probability: more where scores are large.
        let tolerance = shape.spread > 10 ? 1e-3 : 3e-6
        #expect(relativeDistance(results[0], plain.value(qkv)) < tolerance)
        #expect(
            relativeDistance(results[1], plain.gradient(qkv, shape.dy.map(Double.init)))
                < tolerance)
    }

    @Test func gradientIsTheLimitOfDifferenceQuotients() {
        let shape = AttentionShape(clouds: [11], patch: 4, heads: 2, width: 3)
        let plain = PlainAttention(plan: shape.plan, channels: 6, heads: 2)
        let qkv = shape.qkv.map(Double.init)
        let dy = shape.dy.map(Double.init)
        let gradient = plain.gradient(qkv, dy)
        func loss(_ qkv: [Double]) -> Double {
            zip(plain.value(qkv), dy).reduce(0) { $0 + $1.0 * $1.1 }
        }
        for index in qkv.indices {
            var up = qkv
            var down = qkv
            up[index] += 1e-5
            down[index] -= 1e-5
            #expect(abs((loss(up) - loss(down)) / 2e-5 - gradient[index]) < 1e-8)
        }
    }

    @Test(arguments: AttentionShape.all)
    func widthsAgreeBitForBit(shape: AttentionShape) throws {
        defer { dj_set_thread_width(-1) }
        guard dj_set_thread_width(4) == 4 else { return }
        let wide = try shape.run()
        dj_set_thread_width(3)
        let half = try shape.run()
        #expect(half == wide)
        dj_set_thread_width(0)
        let narrow = try shape.run()
        let tolerance = shape.spread > 10 ? 1e-3 : 1e-5
        for (a, b) in zip(narrow, wide) {
            #expect(relativeDistance(a, b.map(Double.init)) < tolerance)
        }
    }

    @Test func valueIsTheSameWithoutATape() throws {
        let shape = AttentionShape(clouds: [100], patch: 30, heads: 2, width: 16)
        let y = Tensor(rows: 100, columns: 96, shape.qkv)
            .patchAttention(heads: 2, plan: shape.plan)
        let recorded = try shape.run()[0]
        #expect(y.values == recorded)
    }

    @Test func singleRowYieldsItsOwnValue() {
        let qkv = uniformValues(48, seed: 1, "qkv")
        let plan = PatchPlan(rows: 1, starts: [0, 1], keys: [0], queries: [1])
        let y = Tensor(rows: 1, columns: 48, qkv).patchAttention(heads: 1, plan: plan)
        #expect(y.values == Array(qkv[32...]))
    }

    @Test func noRowsGiveNoRows() {
        let plan = PatchPlan(rows: 0, starts: [0], keys: [], queries: [])
        let y = Tensor(rows: 0, columns: 48, []).patchAttention(heads: 1, plan: plan)
        #expect(y.rows == 0 && y.columns == 16)
    }

    @Test func nanStaysVisible() {
        let plan = PatchPlan(rows: 2, starts: [0, 2], keys: [0, 1], queries: [2])
        var qkv = uniformValues(96, seed: 1, "qkv")
        qkv[3] = .nan
        let y = Tensor(rows: 2, columns: 48, qkv).patchAttention(heads: 1, plan: plan).values
        #expect(y[..<16].allSatisfy { $0.isNaN })
        #expect(y[16...].allSatisfy { $0.isFinite })
    }
}
