// The functions at the end of this file are the only ones of this module with zlib's pointers.

import CZlib

extension Picture {
    /// The picture as a PNG file (ISO/IEC 15948) with eight bits per channel and no alpha.
    ///
    /// Equal pictures give equal bytes with the same version of zlib.
    package var png: [UInt8] {
        // Differences from the left neighbour compress better in rows with smooth colours, plain
        // values in rows with jumps: the filter with the smaller sum of magnitudes is chosen.
        var rows: [UInt8] = []
        rows.reserveCapacity(height * (3 * width + 1))
        for y in 0..<height {
            let row = bytes[3 * y * width..<3 * (y + 1) * width]
            var differences: [UInt8] = []
            differences.reserveCapacity(row.count)
            var (plain, filtered) = (0, 0)
            for place in row.indices {
                let left = place - row.startIndex < 3 ? 0 : row[place - 3]
                let difference = row[place] &- left
                differences.append(difference)
                plain += abs(Int(Int8(bitPattern: row[place])))
                filtered += abs(Int(Int8(bitPattern: difference)))
            }
            rows.append(filtered < plain ? 1 : 0)
            if filtered < plain { rows += differences } else { rows += row }
        }
        var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        let header = Self.word(width) + Self.word(height) + [8, 2, 0, 0, 0]
        for (name, contents) in [("IHDR", header), ("IDAT", deflated(rows)), ("IEND", [])] {
            let named = Array(name.utf8) + contents
            file += Self.word(contents.count) + named + Self.word(Int(checksum(of: named)))
        }
        return file
    }

    /// A 32-bit number in big-endian order.
    private static func word(_ value: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}

/// The bytes, compressed as a zlib stream (RFC 1950).
private func deflated(_ bytes: [UInt8]) -> [UInt8] {
    var size = compressBound(uLong(bytes.count))
    return unsafe [UInt8](unsafeUninitializedCapacity: Int(size)) { output, count in
        let state = unsafe bytes.withUnsafeBufferPointer { input in
            unsafe compress2(
                output.baseAddress, &size, input.baseAddress, uLong(input.count), 9)
        }
        // Compression cannot fail: the buffer has the size that zlib requires, and the level is valid.
        precondition(state == Z_OK, "zlib returned \(state).")
        count = Int(size)
    }
}

/// The CRC-32 of the bytes.
private func checksum(of bytes: [UInt8]) -> UInt32 {
    unsafe bytes.withUnsafeBufferPointer { buffer in
        unsafe UInt32(crc32_z(0, buffer.baseAddress, buffer.count))
    }
}
