/// The packing of PCD's `binary_compressed`, as liblzf by Marc Lehmann has it.
package enum LZF {
    /// The bytes that packed ones stand for; nil unless they are sound and exactly `size`.
    package static func unpack(_ packed: Span<UInt8>, to size: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        var at = 0
        while at < packed.count {
            let control = Int(packed[at])
            at += 1
            if control < 32 {
                // So many bytes and one more as they are.
                guard control < packed.count - at, control < size - bytes.count else { return nil }
                for _ in 0...control {
                    bytes.append(packed[at])
                    at += 1
                }
                continue
            }
            // A run of bytes that came before.
            var length = control >> 5
            if length == 7 {
                guard at < packed.count else { return nil }
                length += Int(packed[at])
                at += 1
            }
            guard at < packed.count else { return nil }
            let distance = (control & 31) << 8 + Int(packed[at]) + 1
            at += 1
            guard distance <= bytes.count, length + 2 <= size - bytes.count else { return nil }
            for _ in 0..<length + 2 { bytes.append(bytes[bytes.count - distance]) }
        }
        return bytes.count == size ? bytes : nil
    }

    /// Bytes that ``unpack(_:to:)`` makes the given ones of: literally where nothing like them came
    /// before, at the most a 32nd more.
    package static func pack(_ bytes: [UInt8]) -> [UInt8] {
        var packed: [UInt8] = []
        packed.reserveCapacity(bytes.count + bytes.count / 32 + 1)
        // Where three bytes of a hash stood last.
        var places = [Int](repeating: -1, count: 1 << 14)
        var literals = 0
        var at = 0
        func flush(upTo end: Int) {
            var begin = end - literals
            while begin < end {
                let run = min(32, end - begin)
                packed.append(UInt8(run - 1))
                packed += bytes[begin..<begin + run]
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
            let before = places[hash]
            places[hash] = at
            let distance = at - before
            var length = 0
            if before >= 0, distance <= 1 << 13 {
                let most = min(264, bytes.count - at)
                while length < most, bytes[before + length] == bytes[at + length] { length += 1 }
            }
            guard length >= 3 else {
                literals += 1
                at += 1
                continue
            }
            flush(upTo: at)
            let (run, back) = (length - 2, distance - 1)
            packed.append(UInt8(min(run, 7) << 5 | back >> 8))
            if run >= 7 { packed.append(UInt8(run - 7)) }
            packed.append(UInt8(back & 0xFF))
            at += length
        }
        flush(upTo: at)
        return packed
    }

    /// What an unpacked length can have been packed into at the most: 264 bytes come of 3.
    static func isPossible(packed: Int, unpacked: Int) -> Bool {
        unpacked <= packed * 88 + 64
    }
}
