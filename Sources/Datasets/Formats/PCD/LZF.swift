/// The packing of PCD's `binary_compressed`, as liblzf by Marc Lehmann has it.
enum LZF {
    /// The bytes that packed ones stand for; nil unless they are sound and exactly `size`.
    static func unpack(_ packed: Span<UInt8>, to size: Int) -> [UInt8]? {
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

    /// What an unpacked length can have been packed into at the most: 264 bytes come of 3.
    static func isPossible(packed: Int, unpacked: Int) -> Bool {
        unpacked <= packed * 88 + 64
    }
}
