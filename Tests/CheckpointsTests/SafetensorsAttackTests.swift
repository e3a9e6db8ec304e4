import Checkpoints
import Files
import Tensors
import Testing

/// Files that are made to mislead a reader; each is rejected with the byte of its error.
@Suite struct SafetensorsAttackTests {
    private func file(_ header: String, data: Int, length: UInt64? = nil) -> [UInt8] {
        let length = length ?? UInt64(header.utf8.count)
        return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + Array(header.utf8)
            + [UInt8](repeating: 1, count: data)
    }

    private func refusal(_ bytes: [UInt8]) -> FileError {
        let error = #expect(throws: FileError.self) {
            try SafetensorsFile(bytes: bytes, name: "attack")
        }
        return error ?? FileError("attack", "was accepted")
    }

    private static func declared(
        _ name: String, _ shape: String, _ offsets: String, type: String = "F32"
    ) -> String {
        "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
    }

    @Test(
        "misleading headers are rejected at their byte",
        arguments: [
            // Two tensors that share some or all of their bytes.
            (
                declared("a", "[2]", "[0,8]") + "," + declared("b", "[2]", "[0,8]"), 8,
                "begins before"
            ),
            (
                declared("a", "[2]", "[0,8]") + "," + declared("b", "[1]", "[4,8]"), 8,
                "begins before"
            ),
            // Bytes of no tensor: before, between and after the tensors.
            (declared("a", "[1]", "[4,8]"), 8, "unused bytes"),
            (declared("a", "[1]", "[0,4]") + "," + declared("b", "[1]", "[8,12]"), 12, "4 unused"),
            (declared("a", "[1]", "[0,4]"), 8, "behind its last tensor"),
            ("", 1, "behind its last tensor"),
            // Too few bytes.
            (declared("a", "[2]", "[0,8]"), 7, "cut short"),
            (declared("a", "[0]", "[4,4]"), 4, "unused bytes"),
            // Invalid sizes.
            (declared("a", "[-1]", "[0,4]"), 4, "list of sizes"),
            (declared("a", "[1.0]", "[0,4]"), 4, "list of sizes"),
            (declared("a", "[1e0]", "[0,4]"), 4, "list of sizes"),
            (declared("a", "[\"1\"]", "[0,4]"), 4, "list of sizes"),
            (declared("a", "[1]", "[-4,0]"), 4, "data_offsets"),
            (declared("a", "[1]", "[4,0]"), 4, "impossible data_offsets"),
            (declared("a", "[1]", "[0]"), 4, "not two sizes"),
            (declared("a", "[1]", "[0,4,8]"), 4, "not two sizes"),
            (declared("a", "[1]", "[0,8]"), 8, "takes 4"),
            (declared("a", "[1]", "[0,9223372036854775807]"), 4, "impossible data_offsets"),
            (declared("a", "[1]", "[0,18446744073709551616]"), 4, "not two sizes"),
            (declared("a", "[4611686018427387904]", "[0,4]"), 4, "impossible shape"),
            (declared("a", "[4294967296,4294967296]", "[0,4]"), 4, "impossible shape"),
            (declared("a", "[0,9223372036854775807,2]", "[0,0]"), 0, "impossible shape"),
            // Invalid declarations.
            (declared("a", "[1]", "[0,4]", type: "F31"), 4, "unknown type"),
            (declared("a", "[1]", "[0,4]") + "," + declared("a", "[1]", "[0,4]"), 4, "twice"),
            (declared("a", "[1]", "[0,4]") + "," + declared("\\u0061", "[1]", "[4,8]"), 8, "twice"),
            ("\"a\":3", 0, "instead of an object"),
            ("\"a\":{\"dtype\":\"F32\",\"shape\":[1]}", 4, "without its dtype"),
            (
                "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":1}", 4,
                "unexpected"
            ),
            ("\"a\":{\"dtype\":4,\"shape\":[1],\"data_offsets\":[0,4]}", 4, "unexpected"),
            ("\"__metadata__\":{\"a\":1}", 0, "instead of a text"),
            ("\"__metadata__\":[]", 0, "instead of an object"),
            ("\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}", 0, "twice"),
        ])
    func misleadingHeadersAreRejectedAtTheirByte(members: String, data: Int, reason: String) {
        let error = refusal(file("{" + members + "}", data: data))
        #expect(error.reason.contains(reason), "\(error)")
        #expect(error.byteOffset != nil)
    }

    @Test("an error names the tensor and the byte") func errorNamesTensorAndByte() {
        let header =
            "{" + Self.declared("a", "[1]", "[0,4]") + "," + Self.declared("b", "[1]", "[8,12]")
            + "}"
        let start = 8 + header.utf8.count
        #expect(
            refusal(file(header, data: 12)).description
                == "attack: tensor “b” leaves 4 unused bytes in front of it (byte \(start + 4)).")
    }

    @Test("invalid headers are rejected") func invalidHeadersAreRejected() {
        #expect(refusal([]).byteOffset == 0)
        #expect(refusal([1, 2, 3]).reason.contains("cut short"))
        #expect(refusal(file("{}", data: 0, length: 3)).reason.contains("cut short"))
        #expect(refusal(file("{}", data: 0, length: 100_000_001)).reason.contains("100 MB"))
        #expect(refusal(file("{}", data: 0, length: .max)).reason.contains("100 MB"))
        #expect(refusal(file("{}", data: 0, length: 1 << 63)).reason.contains("100 MB"))
        #expect(refusal(file("", data: 0)).reason.contains("does not begin with “{”"))
        #expect(refusal(file(" {}", data: 0)).reason.contains("does not begin with “{”"))
        #expect(refusal(file("[]", data: 0)).reason.contains("does not begin with “{”"))
        #expect(refusal(file("{}{}", data: 0)).byteOffset == 10)
        #expect(refusal(file("{\"a\"", data: 0)).byteOffset == 12)
    }

    @Test("empty files and padding are accepted") func emptyFilesAndPaddingAreAccepted() throws {
        #expect(try SafetensorsFile(bytes: file("{}      ", data: 0), name: "x").names.isEmpty)
        let empty = SafetensorsWriter.bytes(of: [NamedTensor]())
        #expect(empty.count % 8 == 0)
        #expect(try SafetensorsFile(bytes: empty, name: "x").names.isEmpty)
    }

    /// Shortened and extended files are rejected.
    @Test("every wrong length is rejected") func everyWrongLengthIsRejected() {
        let bytes = SafetensorsWriter.bytes(of: SafetensorsTests.floats)
        for length in 0..<bytes.count { _ = refusal(Array(bytes[..<length])) }
        _ = refusal(bytes + [0])
    }

    /// A file with a changed bit in its header is rejected or readable. (Changed values are
    /// detected by the manifest.)
    @Test("no changed bit of the header crashes the reader")
    func noChangedBitOfHeaderCrashesReader() {
        let bytes = SafetensorsWriter.bytes(of: SafetensorsTests.floats)
        for index in 0..<bytes.count - 32 {
            for bit in 0..<8 {
                var changed = bytes
                changed[index] ^= 1 << bit
                guard let file = try? SafetensorsFile(bytes: changed, name: "x") else { continue }
                for name in file.names { _ = try? file.tensor(name) }
            }
        }
    }
}
