import Checkpoints
import Files
import Foundation
import Tensors
import Testing

/// The public package's collection of attacks on the format (`attacks/` in
/// github.com/huggingface/safetensors).
///
/// Each file is made as the collection's scripts make it, and is rejected in one sentence before
/// memory is allocated for it. Proposals have their numbers.
@Suite struct PublishedAttackTests {
    private static func file(_ header: String, length: Int? = nil, data: Int) -> [UInt8] {
        let length = UInt64(length ?? header.utf8.count)
        return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + Array(header.utf8)
            + [UInt8](repeating: 0, count: data)
    }

    /// A number of tensors over the same bytes.
    private static func overlapping(_ count: Int, shape: Int) -> [UInt8] {
        let size = shape * shape * 4
        let members = (0..<count).map {
            "\"weight_\($0)\": {\"dtype\": \"F32\", \"shape\": [\(shape), \(shape)], "
                + "\"data_offsets\": [0, \(size)]}"
        }
        let header = "{" + members.joined(separator: ", ") + "}"
        return file(header, data: header.utf8.count)
    }

    private static func one(_ shape: String, _ offsets: String) -> [UInt8] {
        file(
            "{\"weight\":{\"dtype\":\"F32\",\"shape\":\(shape),\"data_offsets\":\(offsets)}}",
            data: 16)
    }

    /// `safetensors_abuse_attempt_1`: a valid file whose header declares a greater length.
    private static var overstated: [UInt8] {
        let sound = SafetensorsWriter.bytes(
            of: [
                NamedTensor(
                    name: "weight", shape: [2, 2], tensor: .zeros(rows: 2, columns: 2))
            ])
        return (0..<8).map { UInt8(truncatingIfNeeded: 1000 >> (8 * $0)) } + sound.dropFirst(8)
    }

    private static let attacks: [(name: String, bytes: [UInt8], reason: String)] = [
        ("1: a header longer than the file", overstated, "cut short"),
        // The ten million tensors of `safetensors_abuse_attempt_2` need a header of 0.8 GB.
        ("2: a header of 0.8 GB", file("{", length: 800_000_000, data: 99), "100 MB"),
        ("3: offsets below zero", one("[2,2]", "[-16,0]"), "data_offsets"),
        ("3: offsets behind the end", one("[2,2]", "[16,32]"), "unused bytes"),
        ("3: offsets far behind the end", one("[2,2]", "[0,1099511627776]"), "takes 16"),
        ("4: tensors over the same bytes", overlapping(1000, shape: 2), "begins before"),
        // `safetensors_abuse_attempt_3`: many large tensors over the bytes of a small file.
        ("4: a bomb of such tensors", overlapping(1000, shape: 100), "begins before"),
        ("5: a shape of other bytes", one("[2,3]", "[0,16]"), "takes 24"),
        ("5: a shape beyond all numbers", one("[4611686018427387904,4]", "[0,16]"), "impossible"),
        (
            "7: objects within objects", file(String(repeating: "{\"a\":", count: 99), data: 0),
            "nested"
        ),
    ]

    @Test("each published attack is rejected in one sentence", arguments: attacks.indices)
    func eachPublishedAttackIsRejectedInOneSentence(number: Int) throws {
        let (name, bytes, reason) = Self.attacks[number]
        let error = #expect(throws: FileError.self, "\(name)") {
            try SafetensorsFile(bytes: bytes, name: "attack.safetensors")
        }
        let sentence = try #require(error).description
        #expect(sentence.contains(reason), "\(name): \(sentence)")
        #expect(sentence.hasPrefix("attack.safetensors") && sentence.hasSuffix("."))
        #expect(!sentence.contains("\n"))
    }

    /// Proposal 6: another process changes the file while it is open.
    @Test("a file that is shortened while open is rejected")
    func fileThatIsShortenedWhileOpenIsRejected() throws {
        let path = FileManager.default.temporaryDirectory.appending(
            path: "denju-attack-\(UUID().uuidString).safetensors"
        ).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try SafetensorsWriter.write(SafetensorsTests.floats, to: path)
        let file = try SafetensorsFile(path)
        try FileHandle(forWritingTo: URL(fileURLWithPath: path)).truncate(
            atOffset: UInt64(file.entry("b.weight").range.lowerBound + 1))
        let error = #expect(throws: FileError.self) { try file.tensor("b.weight") }
        #expect(try #require(error).description.hasPrefix(path))
    }
}
