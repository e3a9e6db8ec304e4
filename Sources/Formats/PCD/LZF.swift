/// The compression of PCD's `binary_compressed` encoding, compatible with liblzf by Marc Lehmann.
package enum LZF {
    /// Decompresses bytes; returns nil if they are damaged or do not yield exactly `size` bytes.
    package static func decompress(_ compressed: Span<UInt8>, to size: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        var at = 0
        while at < compressed.count {
            let control = Int(compressed[at])
            at += 1
            if control < 32 {
                // A literal of `control + 1` bytes.
                guard control < compressed.count - at, control < size - bytes.count else {
                    return nil
                }
                for _ in 0...control {
                    bytes.append(compressed[at])
                    at += 1
                }
                continue
            }
            // A repetition of earlier bytes; its length and distance take two or three bytes.
            var length = control >> 5
            if length == 7 {
                guard at < compressed.count else { return nil }
                length += Int(compressed[at])
                at += 1
            }
            guard at < compressed.count else { return nil }
            let distance = (control & 31) << 8 + Int(compressed[at]) + 1
            at += 1
            guard distance <= bytes.count, length + 2 <= size - bytes.count else { return nil }
            // Byte by byte: a repetition may overlap the bytes that it produces.
            for _ in 0..<length + 2 { bytes.append(bytes[bytes.count - distance]) }
        }
        return bytes.count == size ? bytes : nil
    }

    /// Compresses bytes; the result is at most 1/32 longer than the input.
    package static func compress(_ bytes: [UInt8]) -> [UInt8] {
        var compressed: [UInt8] = []
        compressed.reserveCapacity(bytes.count + bytes.count / 32 + 1)
        /// Last offset of three bytes by their hash; -1 for none.
        var lastOffsets = [Int](repeating: -1, count: 1 << 14)
        var literals = 0
        var at = 0
        func flush(upTo end: Int) {
            var begin = end - literals
            while begin < end {
                let run = min(32, end - begin)
                compressed.append(UInt8(run - 1))
                compressed += bytes[begin..<begin + run]
                begin += run
            }
            literals = 0
        }
        while at < bytes.count {
            guard at + 2 < bytes.count else {
                literals += 1
                at += 1
                continue
            }
            let word = UInt32(bytes[at]) << 16 | UInt32(bytes[at + 1]) << 8 | UInt32(bytes[at + 2])
            let hash = Int((word &* 0x9E37_79B1) >> 18)
            let before = lastOffsets[hash]
            lastOffsets[hash] = at
            let distance = at - before
            var length = 0
            // The format has 13 bits for the distance and lengths of up to 264 bytes.
            if before >= 0, distance <= 1 << 13 {
                let limit = min(264, bytes.count - at)
                while length < limit, bytes[before + length] == bytes[at + length] { length += 1 }
            }
            // A repetition takes at least two bytes, so shorter ones save nothing.
            guard length >= 3 else {
                literals += 1
                at += 1
                continue
            }
            flush(upTo: at)
            let (run, back) = (length - 2, distance - 1)
            compressed.append(UInt8(min(run, 7) << 5 | back >> 8))
            if run >= 7 { compressed.append(UInt8(run - 7)) }
            compressed.append(UInt8(back & 0xFF))
            at += length
        }
        flush(upTo: at)
        return compressed
    }

    /// Whether bytes can decompress to a size: three bytes expand to at most 264.
    // Checked before memory is allocated for a declared size.
    static func canExpand(_ compressedSize: Int, to size: Int) -> Bool {
        size <= compressedSize * 88 + 64
    }
}
