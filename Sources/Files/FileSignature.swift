/// The kind of a file's contents, recognised by its first bytes.
///
/// Names do not decide: downloads arrive as web pages under a scan's name, repositories check out
/// pointers instead of large files, and formats are renamed.
package enum FileSignature: String, Sendable, CaseIterable {
    case las, ply, pcd, numPyArray, zip, safetensors, pickle
    case gzip, bzip2, xz, zstandard, sevenZip, rar, tar
    case e57, hdf5, parquet, pdf, image
    case gitLFSPointer, webPage, xml, json
    case empty
    /// No known signature: raw numbers, or text.
    case other

    /// Number of bytes that decide; a tar archive has its signature behind the first name.
    package static let length = 512

    /// Recognises the kind of an open file.
    package init(of file: any ReadableFile) throws {
        self.init(try file.bytes(0..<min(file.size, Self.length)))
    }

    /// Recognises the kind of the file at a path; throws if it cannot be opened or read.
    package init(of path: String) throws { try self.init(of: LocalFileSystem().open(path)) }

    /// Recognises the kind of a file with these first bytes.
    package init(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else {
            self = .empty
            return
        }
        self =
            Self.binary.first { bytes.starts(with: $0.magic) }?.kind
            ?? Self.structured(bytes) ?? Self.text(bytes) ?? .other
    }

    private static let binary: [(kind: FileSignature, magic: [UInt8])] = [
        (.las, Array("LASF".utf8)), (.numPyArray, [0x93] + Array("NUMPY".utf8)),
        (.zip, [0x50, 0x4B, 0x03, 0x04]), (.zip, [0x50, 0x4B, 0x05, 0x06]),
        (.xz, [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]), (.zstandard, [0x28, 0xB5, 0x2F, 0xFD]),
        (.sevenZip, [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]),
        (.rar, Array("Rar!".utf8) + [0x1A, 0x07]),
        (.e57, Array("ASTM-E57".utf8)), (.hdf5, [0x89] + Array("HDF\r\n".utf8)),
        (.parquet, Array("PAR1".utf8)), (.pdf, Array("%PDF-".utf8)),
        (.image, [0x89] + Array("PNG\r\n".utf8)),
    ]

    // Signatures of three bytes occur in one of a few million scans of raw numbers, and data sets have
    // a hundred thousand: more bytes of these formats are compared.
    private static func structured(_ bytes: [UInt8]) -> FileSignature? {
        if bytes.count > 9, bytes.starts(with: [0x1F, 0x8B, 0x08]), bytes[3] < 0x20,
            [0, 2, 4].contains(bytes[8]), bytes[9] < 14 || bytes[9] == 255
        {
            return .gzip
        }
        if bytes.count > 9, bytes.starts(with: Array("BZh".utf8)),
            [[0x31, 0x41, 0x59, 0x26, 0x53, 0x59], [0x17, 0x72, 0x45, 0x38, 0x50, 0x90]]
                .contains(Array(bytes[4..<10]))
        {
            return .bzip2
        }
        if bytes.count > 9, bytes.starts(with: [0xFF, 0xD8, 0xFF]),
            ["JFIF", "Exif"].contains(String(decoding: bytes[6..<10], as: UTF8.self))
        {
            return .image
        }
        let magic = Array("ustar".utf8)
        if bytes.count >= 262, bytes[257..<262].elementsEqual(magic) { return .tar }
        // Eight bytes with the length of a header in JSON, which begins with a brace.
        if bytes.count > 9, bytes[8] == UInt8(ascii: "{"), bytes[4..<8].allSatisfy({ $0 == 0 }),
            bytes[9] == UInt8(ascii: "\"") || bytes[9] == UInt8(ascii: "}")
        {
            return .safetensors
        }
        // Protocols 2 to 5, followed by a frame, a container or the number of torch.save.
        if bytes.count > 2, bytes[0] == 0x80, (2...5).contains(bytes[1]),
            [0x7D, 0x5D, 0x28, 0x63, 0x8A, 0x95].contains(bytes[2])
        {
            return .pickle
        }
        return nil
    }

    private static func text(_ bytes: [UInt8]) -> FileSignature? {
        // Editors put a byte order mark before a text, and servers blank lines before a page.
        var rest = bytes[...]
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
        rest = rest.drop { $0 == 0x20 || (0x09...0x0D).contains($0) }
        // A carriage return and a line feed are one character of a Swift string.
        let lines = rest.prefix(400).map { $0 == 0x0D ? 0x0A : $0 }
        let start = String(decoding: lines, as: UTF8.self).lowercased()
        if start.hasPrefix("version https://git-lfs") { return .gitLFSPointer }
        if ["<!doctype html", "<html", "<head", "<body"].contains(where: start.hasPrefix) {
            return .webPage
        }
        if start.hasPrefix("<!--"), start.contains("<html") { return .webPage }
        if start.first == "{" {
            let next = start.dropFirst().first { !$0.isWhitespace }
            if next == "\"" || next == "}" { return .json }
        }
        if start.hasPrefix("<?xml") {
            return start.contains("<html") || start.contains("<!doctype html") ? .webPage : .xml
        }
        if start.hasPrefix("<error>") || start.hasPrefix("<error ") { return .xml }
        let words = start.split(separator: "\n")
        if words.first == "ply", start.hasPrefix("ply\n") { return .ply }
        let line = words.first { !$0.hasPrefix("#") || $0.contains(".pcd") } ?? ""
        let isPCD = ["# .pcd", "version .", "version 0."].contains { line.hasPrefix($0) }
        return isPCD ? .pcd : nil
    }

    /// The kind with its article: "a Git LFS pointer".
    package var name: String {
        switch self {
        case .las: "a LAS or LAZ file"
        case .ply: "a PLY file"
        case .pcd: "a PCD file"
        case .numPyArray: "a NumPy array"
        case .zip: "a zip archive"
        case .safetensors: "a safetensors file"
        case .pickle: "a pickle"
        case .gzip: "compressed with gzip"
        case .bzip2: "compressed with bzip2"
        case .xz: "compressed with xz"
        case .zstandard: "compressed with Zstandard"
        case .sevenZip: "a 7-Zip archive"
        case .rar: "a RAR archive"
        case .tar: "a tar archive"
        case .e57: "an E57 file"
        case .hdf5: "an HDF5 file"
        case .parquet: "a Parquet file"
        case .pdf: "a PDF document"
        case .image: "an image"
        case .gitLFSPointer: "a Git LFS pointer"
        case .webPage: "a web page"
        case .xml: "an XML document"
        case .json: "a JSON document"
        case .empty: "empty"
        case .other: "of an unknown format"
        }
    }

    /// Advice for a file of this kind where another one is expected; nil for formats that are
    /// supported somewhere.
    package var advice: String? {
        switch self {
        case .gitLFSPointer: "fetch the file itself with 'git lfs pull' in its repository"
        case .json: "download or name the file itself, not a server's message or an index"
        case .webPage, .xml:
            "the server answered with a message instead of the file, so download it again and look "
                + "at the message"
        case .gzip: "decompress it with gunzip"
        case .bzip2: "decompress it with bunzip2"
        case .xz: "decompress it with unxz"
        case .zstandard: "decompress it with unzstd"
        case .sevenZip, .rar, .tar: "unpack it"
        case .e57: "convert it to LAZ, for example with PDAL or CloudCompare"
        case .hdf5, .parquet: "save its arrays with numpy.savez"
        case .pdf, .image: "name the file of the data"
        case .empty: "copy or export it again"
        case .pickle: "save its arrays with numpy.savez: pickles are never loaded"
        case .las, .ply, .pcd, .numPyArray, .zip, .safetensors, .other: nil
        }
    }

    /// Whether no reader can do anything with such a file, whatever its name promises.
    package var isForeign: Bool {
        switch self {
        case .gitLFSPointer, .webPage, .xml, .gzip, .bzip2, .xz, .zstandard, .sevenZip, .rar, .tar,
            .e57, .hdf5, .parquet, .pdf, .image:
            true
        // Two bytes are too few to refuse raw numbers for.
        case .json: false
        case .las, .ply, .pcd, .numPyArray, .zip, .safetensors, .pickle, .empty, .other: false
        }
    }
}
