import Testing
import ZipArchives

@Suite struct ByteCursorTests {
    private let file = InputFile([1, 2, 3, 4, 0x61, 0x62, 0, 0x63], name: "header.bin")

    @Test("integers are little-endian and text ends at the first zero byte")
    func fieldsAreReadInOrder() throws {
        var cursor = ByteCursor(try file.all(), of: file)
        #expect(try cursor.integer("a byte") as UInt8 == 1)
        #expect(try cursor.integer("a word") as UInt16 == 0x0302)
        try cursor.skip(to: 4, "the name")
        #expect(try cursor.text(4, "the name") == "ab")
        #expect(cursor.remaining == 0 && cursor.offset == 8)
    }

    @Test("a field beyond the end names the file, the field and the byte")
    func fieldBeyondTheEndIsRejected() throws {
        var cursor = ByteCursor(try file.bytes(4..<8), of: file, at: 4)
        #expect {
            try cursor.integer("the count") as UInt64
        } throws: {
            "\($0)" == "The file header.bin ends in the count: 8 bytes are needed and 4 are left, "
                + "at byte 4: copy or export it again."
        }
        #expect(throws: SourceError.self) { try cursor.skip(to: 3, "the count") }
        #expect(throws: SourceError.self) { try file.bytes(6..<9) }
    }
}
