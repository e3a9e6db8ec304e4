// zlib behind functions of arrays: the only place of this room where its pointers pass.

import CZlib

/// Deflated data (RFC 1951), as zip archives hold it.
package enum Deflate {
    /// The bytes that deflated data stand for; nil unless they are sound and exactly `size`.
    package static func inflate(_ packed: [UInt8], to size: Int) -> [UInt8]? {
        var isSound = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: max(size, 1)) { output, count in
            isSound = unsafe packed.withUnsafeBufferPointer { input in
                unsafe inflate(input, to: output, size: size)
            }
            count = isSound ? size : 0
        }
        return isSound ? bytes : nil
    }

    /// Deflated data that stand for these bytes, made in little time.
    package static func deflate(_ bytes: [UInt8]) -> [UInt8] {
        var stream = unsafe z_stream()
        guard
            unsafe deflateInit2_(
                &stream, Z_BEST_SPEED, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else { preconditionFailure("zlib has no memory left.") }
        defer { unsafe deflateEnd(&stream) }
        let most = unsafe Int(deflateBound(&stream, UInt(bytes.count)))
        return unsafe [UInt8](unsafeUninitializedCapacity: most) { output, count in
            count = unsafe bytes.withUnsafeBufferPointer { input in
                unsafe pump(&stream, from: input, to: output, size: most) { stream, isLast in
                    unsafe CZlib.deflate(&stream, isLast ? Z_FINISH : Z_NO_FLUSH)
                } ?? 0
            }
        }
    }

    /// The CRC-32 of some bytes.
    package static func checksum(of bytes: [UInt8]) -> UInt32 {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe UInt32(crc32_z(0, buffer.baseAddress, buffer.count))
        }
    }

    private static func inflate(
        _ input: UnsafeBufferPointer<UInt8>, to output: UnsafeMutableBufferPointer<UInt8>,
        size: Int
    ) -> Bool {
        var stream = unsafe z_stream()
        // Negative window bits: no zlib header, as in zip archives.
        guard
            unsafe inflateInit2_(
                &stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else { return false }
        defer { unsafe inflateEnd(&stream) }
        let written = unsafe pump(&stream, from: input, to: output, size: size) { stream, _ in
            unsafe CZlib.inflate(&stream, Z_NO_FLUSH)
        }
        return written == size
    }

    /// Has zlib work until it says that the stream has ended; how many bytes it has written then, or
    /// nil if it stops before, or without having read all.
    private static func pump(
        _ stream: inout z_stream, from input: UnsafeBufferPointer<UInt8>,
        to output: UnsafeMutableBufferPointer<UInt8>, size: Int,
        _ step: (_ stream: inout z_stream, _ isLast: Bool) -> Int32
    ) -> Int? {
        var (read, written) = (0, 0)
        // zlib counts in 32 bits.
        let piece = 1 << 30
        while true {
            let (more, room) = (min(piece, input.count - read), min(piece, size - written))
            unsafe stream.next_in = UnsafeMutablePointer(
                mutating: input.baseAddress.map { unsafe $0 + read })
            unsafe stream.avail_in = UInt32(more)
            unsafe stream.next_out = output.baseAddress.map { unsafe $0 + written }
            unsafe stream.avail_out = UInt32(room)
            let state = unsafe step(&stream, read + more == input.count)
            let taken = unsafe more - Int(stream.avail_in)
            let given = unsafe room - Int(stream.avail_out)
            read += taken
            written += given
            if state == Z_STREAM_END { return read == input.count ? written : nil }
            guard state == Z_OK, taken + given > 0 else { return nil }
        }
    }
}
