/// Bytes in memory that are read like a file.
package final class MemoryFile: ReadableFile {
    let contents: [UInt8]
    /// The name that stands for the file in errors.
    package let path: String

    /// A file of the given bytes.
    package init(path: String, contents: [UInt8]) {
        self.path = path
        self.contents = contents
    }

    /// The number of bytes.
    package var size: Int { contents.count }

    /// Reads `bytes` from `offset`; throws if the file ends before.
    package func read(into bytes: inout MutableRawSpan, at offset: Int) throws {
        let count = bytes.byteCount
        try checkRange(of: count, at: offset, path: path)
        unsafe bytes.withUnsafeMutableBytes { target in
            unsafe contents.withUnsafeBytes { source in
                unsafe target.copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: source[offset..<offset + count]))
            }
        }
    }
}
