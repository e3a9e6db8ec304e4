import FoundationEssentials
import ZipArchives

/// A file of little-endian 32-bit words, read whole; and atomic writing.
package struct DataFile {
    package let path: String
    private let data: [UInt8]

    /// Reads the file; throws if its size is not a multiple of `recordSize` bytes.
    package init(path: String, recordSize: Int, of what: String) throws {
        self.path = path
        let file = try InputFile(path)
        // Any bytes would pass for numbers.
        try file.refuseForeign(as: "a file of \(what)")
        data = try file.all()
        let excess = data.count % recordSize
        guard excess == 0 else {
            throw SourceError(
                "The file \(path) is truncated: its \(data.count) bytes are not a multiple of "
                    + "\(recordSize)-byte \(what), and the last one is incomplete at byte "
                    + "\(data.count - excess); copy the file again.")
        }
    }

    package var wordCount: Int { data.count / 4 }

    /// Calls `body` with each word and its index.
    package func forEachWord(_ body: (_ index: Int, _ word: UInt32) throws -> Void) rethrows {
        let bytes = data.span
        for index in 0..<bytes.count / 4 {
            let word = littleEndianBits(bytes, at: index * 4, size: 4)
            try body(index, UInt32(truncatingIfNeeded: word))
        }
    }

    /// Writes the bytes under a temporary name beside `path`, then renames: readers see the old
    /// file or the new one, never an incomplete one.
    package static func write(_ bytes: [UInt8], to path: String) throws {
        do {
            try Data(bytes).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw SourceError(
                "The file \(path) cannot be written: check that its folder exists, may be "
                    + "written to and has \(bytes.count) bytes free.")
        }
    }
}

extension [UInt8] {
    /// Appends the four bytes of a word in little-endian order.
    package mutating func append(word: UInt32) {
        for shift in stride(from: UInt32(0), to: 32, by: 8) {
            append(UInt8(truncatingIfNeeded: word >> shift))
        }
    }

    /// Appends the eight bytes of a word in little-endian order.
    package mutating func append(word64 word: UInt64) {
        append(word: UInt32(truncatingIfNeeded: word))
        append(word: UInt32(truncatingIfNeeded: word >> 32))
    }
}
