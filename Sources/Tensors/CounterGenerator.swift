/// Random numbers that are a function of seed, step, sample and purpose.
///
/// Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): the
/// numbers are a function of the key (run seed and purpose) and the counter (step, sample, place
/// in the sequence). Every worker that computes a sample at a step draws the same numbers, and
/// checkpoints save no generator state.
public struct CounterGenerator: RandomNumberGenerator, Sendable {
    /// The purpose of random numbers; each purpose has its own independent sequence.
    public struct Purpose: Hashable, Sendable {
        let hash: UInt64
        /// A purpose by name: `"drop path"`, `"rotation"`, a parameter's path.
        public init(_ name: String) { hash = fnv1a(name) }
    }

    private let key: (UInt32, UInt32)
    private var counter: (UInt32, UInt32, UInt32, UInt32)
    private var block: (UInt64, UInt64) = (0, 0)
    private var left = 0

    /// The sequence of a purpose, at a step, for a sample.
    public init(seed: UInt64, step: Int = 0, sample: UInt64 = 0, purpose: Purpose) {
        // Mixed, so that seeds and purposes that differ in one bit have unrelated keys.
        let mixed = splitMix(seed ^ splitMix(purpose.hash))
        key = (UInt32(truncatingIfNeeded: mixed), UInt32(truncatingIfNeeded: mixed >> 32))
        counter = (
            0, UInt32(truncatingIfNeeded: step), UInt32(truncatingIfNeeded: sample),
            UInt32(truncatingIfNeeded: sample >> 32)
        )
    }

    /// The next 64 random bits.
    public mutating func next() -> UInt64 {
        if left == 0 {
            block = Self.philox(counter: counter, key: key)
            counter.0 &+= 1
            left = 2
        }
        left -= 1
        return left == 1 ? block.0 : block.1
    }

    /// Uniform in [0, 1), a multiple of 2^-24.
    public mutating func uniform() -> Float { Float(next() >> 40) * 0x1p-24 }

    /// Uniform in the range.
    public mutating func uniform(in range: ClosedRange<Float>) -> Float {
        range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
    }

    /// Uniform among 0 ..< count (multiply-shift; the bias is below count / 2^64).
    public mutating func index(below count: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(count)).high)
    }

    /// Standard normal (Box and Muller's transform, in Double).
    public mutating func normal() -> Float {
        // In (0, 1]: the logarithm of 0 does not exist.
        let u = (Double(next() >> 11) + 1) * 0x1p-53
        let v = Double(next() >> 11) * 0x1p-53
        return Float((-2 * logarithm(u)).squareRoot() * cosine(turns: v))
    }

    /// The ten rounds: from counter and key to 128 random bits, low words first.
    package static func philox(
        counter: (UInt32, UInt32, UInt32, UInt32), key: (UInt32, UInt32)
    ) -> (UInt64, UInt64) {
        var (c0, c1, c2, c3) = counter
        var (k0, k1) = key
        for _ in 0..<10 {
            let p0 = UInt64(c0) * 0xD251_1F53
            let p1 = UInt64(c2) * 0xCD9E_8D57
            (c0, c1, c2, c3) = (
                UInt32(truncatingIfNeeded: p1 >> 32) ^ c1 ^ k0, UInt32(truncatingIfNeeded: p1),
                UInt32(truncatingIfNeeded: p0 >> 32) ^ c3 ^ k1, UInt32(truncatingIfNeeded: p0)
            )
            k0 &+= 0x9E37_79B9
            k1 &+= 0xBB67_AE85
        }
        return (UInt64(c1) << 32 | UInt64(c0), UInt64(c3) << 32 | UInt64(c2))
    }
}

/// FNV-1a over the UTF-8 bytes, for names of purposes and samples; it does not resist attacks.
public func fnv1a(_ text: String) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 {
        hash ^= UInt64(byte)
        hash &*= 0x100_0000_01b3
    }
    return hash
}

func splitMix(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9e37_79b9_7f4a_7c15
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
}
