import Checkpoints
import Files
import Foundation
import Testing

@Suite struct FileSignatureTests {
    @Test(
        "contents are recognised by their first bytes",
        arguments: [
            ("LASF\u{0}\u{0}", FileSignature.las), ("ply\nformat ascii 1.0\n", .ply),
            ("ply\r\nformat", .ply), ("ply\rformat", .ply), ("plywood", .other),
            ("# .PCD v0.7 - Point Cloud Data file format\nVERSION 0.7\n", .pcd),
            ("# made by hand\nVERSION .7\nFIELDS x\n", .pcd), ("VERSION 0.6\nFIELDS", .pcd),
            ("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", .gitLFSPointer),
            ("\u{FEFF}version https://git-lfs.github.com/spec/v1\n", .gitLFSPointer),
            ("<!DOCTYPE html><html>", .webPage), ("\n\n  <HTML lang=de>", .webPage),
            ("<?xml version=\"1.0\"?><!DOCTYPE html PUBLIC", .webPage),
            ("<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code>", .xml),
            ("<!-- saved --><html>", .webPage), ("{\n  \"message\": \"Not Found\"}", .json),
            ("{1}", .other),
            ("<Error><Code>NoSuchKey</Code></Error>", .xml), ("", .empty), ("1 2 3\n", .other),
            ("PK\u{3}\u{4}", .zip), ("ASTM-E57", .e57), ("%PDF-1.7", .pdf), ("7", .other),
        ])
    func contentsAreRecognised(text: String, kind: FileSignature) {
        #expect(FileSignature(Array(text.utf8)) == kind, "\(text)")
    }

    @Test(
        "binary contents are recognised",
        arguments: [
            ([0x1F, 0x8B, 8, 0, 1, 2, 3, 4, 0, 3], FileSignature.gzip),
            ([0x1F, 0x8B, 8, 0x3F, 1, 2, 3, 4, 0, 3], .other), ([0x1F, 0x8B, 8], .other),
            (Array("BZh91AY&SY".utf8), .bzip2), (Array("BZh9123456".utf8), .other),
            ([0x28, 0xB5, 0x2F, 0xFD], .zstandard),
            ([0x80, 2, 0x8A, 10], .pickle), ([0x80, 4, 0x95, 0], .pickle), ([0x80, 2, 1], .other),
            ([0x93] + Array("NUMPY".utf8), .numPyArray),
            ([2, 0, 0, 0, 0, 0, 0, 0] + Array("{}".utf8), .safetensors),
            ([0, 0, 0x80, 0x3F, 0, 0, 0, 0, 0, 0], .other),
            ([0xFF, 0xD8, 0xFF, 0xE0, 0, 16] + Array("JFIF".utf8), .image),
            // A Float32 just below 2, as the first number of a scan.
            ([0xFF, 0xD8, 0xFF, 0x3F, 0, 0, 0, 0, 0, 0], .other),
        ] as [([UInt8], FileSignature)])
    func binaryContentsAreRecognised(bytes: [UInt8], kind: FileSignature) {
        #expect(FileSignature(bytes) == kind)
    }

    @Test("a tar archive is recognised behind its first name") func tarIsRecognised() {
        let bytes = [UInt8](repeating: 65, count: 257) + Array("ustar".utf8) + [0]
        #expect(FileSignature(bytes) == .tar)
        #expect(FileSignature(Array(bytes.dropLast(3))) == .other)
    }

    @Test("every kind that no reader accepts comes with advice") func foreignKindsHaveAdvice() {
        for kind in FileSignature.allCases where kind.isForeign {
            #expect(kind.advice != nil, "\(kind)")
        }
        #expect(Set(FileSignature.allCases.map(\.name)).count == FileSignature.allCases.count)
    }

    @Test("a safetensors file that is something else is named")
    func safetensorsThatIsSomethingElseIsNamed() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/denju-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/model.safetensors"
        for (text, reason) in [
            ("version https://git-lfs.github.com/spec/v1\n", "is a Git LFS pointer, not a"),
            ("<!DOCTYPE html><html></html>", "is a web page, not a safetensors file: the server"),
            (
                "PK\u{3}\u{4}\u{0}\u{0}\u{0}\u{0}\u{0}",
                "convert a file of torch.save with 'denju imp"
            ),
            ("<Error><Code>AccessDenied</Code></Error>", "is an XML document, not a safetensors"),
        ] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            #expect {
                _ = try SafetensorsFile(path)
            } throws: { "\($0)".hasPrefix(path) && "\($0)".contains(reason) }
        }
    }
}
