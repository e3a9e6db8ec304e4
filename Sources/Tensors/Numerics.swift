/// The arithmetic of this process, identified by its results.
///
/// Hosts whose fingerprints have the same ``Fingerprint/hash`` computed the same bits for a fixed
/// set of products, norms and transcendental functions; their micro-shards may be mixed in a run.
/// The set covers our kernels and nothing else, because nothing else influences weights: hosts with
/// different OpenBLAS cores have the same hash.
public enum Numerics {
    /// An identification of a host's arithmetic.
    public struct Fingerprint: Hashable, Sendable, CustomStringConvertible {
        /// The kernels OpenBLAS chose, such as `SkylakeX` or `Haswell`; no result depends on them.
        public var coreName: String
        /// The width of our kernels: 4, 3 or 0.
        public var kernelWidth: Int
        /// A hash of the bits of the canary's results, 32 bytes; it does not resist forgery.
        public var hash: [UInt8]

        /// A fingerprint of the given parts.
        public init(coreName: String, kernelWidth: Int, hash: [UInt8]) {
            self.coreName = coreName
            self.kernelWidth = kernelWidth
            self.hash = hash
        }

        /// `SkylakeX v4 6f3a…`, with the hash's first eight bytes.
        public var description: String {
            let digits = hash.prefix(8).map { byte in
                String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
            }
            return "\(coreName) v\(kernelWidth) \(digits.joined())"
        }
    }

    /// The fingerprint of this process, computed on every call (some milliseconds).
    public static func fingerprint() -> Fingerprint {
        var bits = BitHash()
        for tensor in canary() { bits.add(tensor) }
        return Fingerprint(
            coreName: BLAS.coreName, kernelWidth: Kernels.width, hash: bits.bytes)
    }

    /// Results that differ between kernels with other roundings, orders of sums or approximations.
    static func canary() -> [Tensor] {
        var results: [Tensor] = []
        // Every path of the product kernels: odd and even shapes, a single row, a single column, tall and skinny, long sums.
        let shapes = [
            (64, 64, 64), (97, 53, 1021), (1, 96, 32), (33, 1, 65), (1500, 16, 27), (7, 5, 3),
            (250, 192, 64), (64, 48, 1300),
        ]
        for (number, (rows, columns, depth)) in shapes.enumerated() {
            let seed = UInt64(number)
            let a = values(rows, depth, seed: seed)
            let b = values(depth, columns, seed: seed + 100)
            let product = a.matmul(b)
            results += [product, values(depth, rows, seed: seed).matmul(b, transposingSelf: true)]
            results.append(a.linear(values(columns, depth, seed: seed + 200)))
            results.append(product.sum())
        }
        let x = values(50, 37, seed: 300).scaled(by: 6)
        let scale = values(1, 37, seed: 301)
        let shift = values(1, 37, seed: 302)
        let normal = x.batchNormTraining(scale: scale, shift: shift, gelu: true)
        results += [
            x.gelu(), x.softmax(), x.logSoftmax(), x.normalizedRows(),
            x.layerNorm(scale: scale, shift: shift), normal.value, normal.moments.mean,
            normal.moments.variance, x.columnSums(),
        ]
        return results + [attention(), convolution()]
    }

    /// Patches of 40 and 23 rows, two heads.
    private static func attention() -> Tensor {
        let plan = PatchPlan(
            rows: 63, starts: [0, 40, 63], keys: (0..<63).map { Int32($0 * 2 % 63) },
            queries: [40, 23])
        return values(63, 3 * 48, seed: 400).scaled(by: 3).patchAttention(heads: 2, plan: plan)
    }

    /// A kernel of three places along a line of rows.
    private static func convolution() -> Tensor {
        let n: Int32 = 61
        let map = KernelMap(
            rows: Int(n), volume: 3, starts: [0, n - 1, 2 * n - 1, 3 * n - 2],
            inputs: Array(0..<n - 1) + Array(0..<n) + Array(1..<n),
            outputs: Array(1..<n) + Array(0..<n) + Array(0..<n - 1))
        return values(61, 35, seed: 401).submanifoldConvolution(
            weight: values(50, 3 * 35, seed: 402), bias: values(1, 50, seed: 403), map: map)
    }

    /// Uniform in -1 ..< 1 from the counter-based generator, which is exact on every machine.
    private static func values(_ rows: Int, _ columns: Int, seed: UInt64) -> Tensor {
        var generator = CounterGenerator(seed: seed, purpose: .init("numerics canary"))
        return Tensor(rows: rows, columns: columns) { values in
            for index in values.indices { values[index] = generator.uniform(in: -1...1) }
        }
    }
}

/// Four 64-bit hashes that read the words of tensors in turn.
private struct BitHash {
    private var lanes: [UInt64] = [1, 2, 3, 4].map { splitMix($0) }
    private var words = 0

    mutating func add(_ tensor: Tensor) {
        tensor.withValues { values in
            for index in values.indices {
                let lane = words & 3
                lanes[lane] = (lanes[lane] ^ UInt64(values[index].bitPattern)) &* 0x100_0000_01b3
                lanes[lane] ^= lanes[lane] >> 29
                words += 1
            }
        }
    }

    /// The lanes, each mixed with all.
    var bytes: [UInt8] {
        let all = lanes.reduce(UInt64(words)) { splitMix($0 ^ $1) }
        return lanes.flatMap { lane in
            let mixed = splitMix(lane ^ all)
            return (0..<8).map { UInt8(truncatingIfNeeded: mixed >> (8 * $0)) }
        }
    }
}
