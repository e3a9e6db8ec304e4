import CZlib

// zlib's pointers stay in this file; its callers use arrays.

/// Raw deflate streams (RFC 1951), the compression of zip archives.
package enum Deflate {
    /// Decompresses a stream; returns nil if the stream is damaged or does not yield exactly `size`
    /// bytes.
    package static func inflate(_ compressed: [UInt8], to size: Int) -> [UInt8]? {
        var isSound = false
        // zlib refuses a null output pointer, so an empty result gets a buffer of one byte.
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: max(size, 1)) { output, count in
            isSound = unsafe compressed.withUnsafeBufferPointer { input in
                unsafe inflate(input, to: output, size: size)
            }
            count = isSound ? size : 0
        }
        return isSound ? bytes : nil
    }

    /// Compresses bytes at zlib's fastest level.
    package static func deflate(_ bytes: [UInt8]) -> [UInt8] {
        var stream = unsafe z_stream()
        guard
            unsafe deflateInit2_(
                &stream, Z_BEST_SPEED, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else { preconditionFailure("zlib could not allocate memory for a deflate stream.") }
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

    /// Computes the CRC-32 that zip archives store for each entry.
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
        // Negative window bits select a raw stream: zip archives store no zlib header.
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

    /// Runs zlib to the end of the stream and returns the number of bytes written; nil if zlib stops
    /// early or leaves input unread.
    private static func pump(
        _ stream: inout z_stream, from input: UnsafeBufferPointer<UInt8>,
        to output: UnsafeMutableBufferPointer<UInt8>, size: Int,
        _ step: (_ stream: inout z_stream, _ isLast: Bool) -> Int32
    ) -> Int? {
        var (read, written) = (0, 0)
        // zlib counts available bytes in 32 bits, so larger buffers are passed in pieces.
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
            // Without progress zlib would be called forever: the stream needs bytes it does not have.
            guard state == Z_OK, taken + given > 0 else { return nil }
        }
    }
}
