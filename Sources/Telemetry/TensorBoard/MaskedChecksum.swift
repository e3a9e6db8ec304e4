/// The checksums of TensorFlow's record files: CRC-32C (RFC 3720), rotated, plus a constant.
enum MaskedChecksum {
    /// The masked checksum of some bytes.
    static func of(_ bytes: [UInt8]) -> UInt32 {
        let sum = ~bytes.reduce(UInt32.max) { sum, byte in
            table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] ^ (sum >> 8)
        }
        return ((sum >> 15) | (sum << 17)) &+ 0xA282_EAD8
    }

    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0x82F6_3B78 : sum >> 1 }
    }
}
