internal import CKernels

/// The arithmetic of this process, identified by its results.
///
/// Hosts whose fingerprints have the same ``Fingerprint/hash`` computed the same bits with every
/// kernel; their micro-shards may be mixed in a run. The hash covers our kernels and nothing else,
/// because nothing else influences weights: it is the same on x86-64 of any vector width, on Arm, and
/// with any OpenBLAS core.
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

    /// The fingerprint of this process, computed on every call (15 ms).
    ///
    /// - Parameter coreName: the OpenBLAS core in use. The tensors do not link OpenBLAS, so that the
    ///   inference library works without it.
    package static func fingerprint(coreName: String) -> Fingerprint {
        var bits = BitHash()
        for file in kernelFiles where !file.isOptional { bits.add(file.hash) }
        return Fingerprint(coreName: coreName, kernelWidth: Kernels.width, hash: bits.bytes)
    }

    /// The hash of each kernel file's results for fixed inputs, computed on every call.
    ///
    /// The shapes lie around the lanes, tiles and blocks of sums of every width, so that another
    /// rounding, order of a sum or approximation changes a hash. They are the same on every processor;
    /// 0 where a processor lacks the instructions of an optional file. Optional files do not enter the
    /// fingerprint: not every processor computes bfloat16, and no weight depends on a digest.
    package static var kernelFiles: [(name: String, hash: UInt64, isOptional: Bool)] {
        (0..<dj_canary_count()).map { file in
            let name = unsafe String(cString: dj_canary_name(file))
            return (name, dj_canary(file), ["bfloat", "blake2b", "sha256"].contains(name))
        }
    }
}

/// Four 64-bit hashes that read words in turn.
private struct BitHash {
    private var lanes: [UInt64] = [1, 2, 3, 4].map { splitMix($0) }
    private var words = 0

    mutating func add(_ word: UInt64) {
        let lane = words & 3
        lanes[lane] = (lanes[lane] ^ word) &* 0x100_0000_01b3
        lanes[lane] ^= lanes[lane] >> 29
        words += 1
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
