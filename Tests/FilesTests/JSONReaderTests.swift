import Files
import Testing

@Suite struct JSONReaderTests {
    private func read(_ text: String) throws -> JSONValue {
        try JSONReader.value(of: Array(text.utf8))
    }

    @Test("values of every kind are read") func valuesOfEveryKindAreRead() throws {
        let value = try read(
            #" {"a": [1, -2, 3.5, 1e2, true, false, null], "b\u00e9\ud83d\ude00": "\"\\\/\b\f\n\r\t"} "#
        )
        guard case .object(let members) = value else {
            Issue.record("not an object")
            return
        }
        #expect(members.map(\.key) == ["a", "bé😀"])
        #expect(members.map(\.offset) == [2, 45])
        #expect(
            members[0].value
                == .array([
                    .integer(1), .integer(-2), .number(3.5), .number(100), .bool(true),
                    .bool(false), .null,
                ]))
        #expect(members[1].value == .string("\"\\/\u{8}\u{C}\n\r\t"))
        #expect(try read("9223372036854775807") == .integer(.max))
        #expect(try read("[]") == .array([]))
        #expect(try read("{}") == .object([]))
    }

    @Test(
        "invalid texts are rejected at their byte",
        arguments: [
            ("", 0), ("{", 1), (#"{"a":1,}"#, 7), (#"{"a" 1}"#, 5), ("[1 2]", 3), ("[1,]", 3),
            ("01", 0), ("-", 1), ("1.", 2), ("1e", 2), ("+1", 0), ("NaN", 0), ("1e999", 0),
            ("tru", 0), (#""\x""#, 2), (#""\u12""#, 5), (#""\ud800""#, 3), (#""\ud800\u0041""#, 3),
            (#""\udc00""#, 3), ("\"a\nb\"", 2), ("{} {}", 3), (#"{"a":1,"a":2}"#, 7),
            (#"{"a":1,"\u0061":2}"#, 7), (#"{"a":{"b":1,"b":1}}"#, 12), ("{'a':1}", 1),
            ("\"abc", 4),
        ])
    func invalidTextsAreRejectedAtTheirByte(text: String, offset: Int) {
        let error = #expect(throws: JSONError.self) { try read(text) }
        #expect(error?.offset == offset, "\(text): \(error?.reason ?? "")")
    }

    @Test("invalid UTF-8 is rejected at its byte") func invalidUTF8IsRejectedAtItsByte() {
        let bytes = Array("{\"é\":\"".utf8) + [0xC3, 0x28] + Array("\"}".utf8)
        let error = #expect(throws: JSONError.self) { try JSONReader.value(of: bytes) }
        #expect(error?.offset == 7)
    }

    @Test("the depth of nesting is limited") func depthOfNestingIsLimited() throws {
        let depth = JSONReader.maximumDepth
        let bottom = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        _ = try read(bottom)
        let error = #expect(throws: JSONError.self) { try read("[" + bottom + "]") }
        #expect(error?.offset == depth)
        #expect(throws: JSONError.self) { try read(String(repeating: "[", count: 1_000_000)) }
    }

    @Test("the number of values is limited") func numberOfValuesIsLimited() throws {
        let bytes = Array(#"{"a": [1, null], "b": "c"}"#.utf8)
        _ = try JSONReader.value(of: bytes, limit: 5)
        let error = #expect(throws: JSONError.self) {
            try JSONReader.value(of: bytes, limit: 4)
        }
        #expect(error?.offset == 22)
    }

    @Test("written texts are read back") func writtenTextsAreReadBack() throws {
        let text = "é\"\\/\n\r\t\u{8}\u{C}\u{1}\u{1F}\u{7F}😀\u{2028}"
        #expect(try read(jsonText(text)) == .string(text))
        #expect(jsonText("a\u{1}") == #""a\u0001""#)
    }
}
