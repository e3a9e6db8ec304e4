/// Bytes in memory read as a file.
package final class MemoryFile: ReadableFile {
    let contents: [UInt8]
    package let path: String

    package init(path: String, contents: [UInt8]) {
        self.path = path
        self.contents = contents
    }

    package var size: Int { contents.count }

    package func read(into bytes: inout MutableRawSpan, at offset: Int) throws {
        let count = bytes.byteCount
        guard offset >= 0, offset <= contents.count, count <= contents.count - offset else {
            throw FileError(path, at: contents.count, "ends while it is being read")
        }
        unsafe bytes.withUnsafeMutableBytes { target in
            unsafe contents.withUnsafeBytes { source in
                unsafe target.copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: source[offset..<offset + count]))
            }
        }
    }
}
