import Checkpoints
import Files
import Tensors
import Testing

@Suite struct SealedTensorsTests {
    private static let tensors = [
        NamedTensor(
            name: "logits", shape: [3, 2], tensor: Tensor(rows: 3, columns: 2, [1, 2, 3, 4, 5, 6]))
    ]
    private static let sealed = SealedTensors.bytes(
        of: tensors, metadata: [("sample", "00/000007"), ("view", "3")], precision: .half)

    @Test("other readers see an ordinary safetensors file")
    func otherReadersSeeOrdinarySafetensorsFile() throws {
        let file = try SafetensorsFile(bytes: Self.sealed, name: "entry")
        #expect(file.metadata["sample"] == "00/000007" && file.metadata["view"] == "3")
        #expect(try file.type("logits") == .float16)
        #expect(try file.tensor("logits").values == [1, 2, 3, 4, 5, 6])
    }

    @Test("a sealed file is read back") func sealedFileIsReadBack() throws {
        let file = try SealedTensors.open(Self.sealed, name: "entry")
        #expect(try file.tensor("logits").values == [1, 2, 3, 4, 5, 6])
        #expect(file.metadata["blake2b"].flatMap { BLAKE2b(hex: $0) } != nil)
    }

    @Test("the seal is the digest with zeros in its place")
    func sealIsDigestWithZerosInItsPlace() throws {
        let file = try SafetensorsFile(bytes: Self.sealed, name: "entry")
        let seal = try #require(file.metadata["blake2b"])
        let start = try #require(
            Self.sealed.indices.first { Self.sealed[$0...].starts(with: seal.utf8) })
        var zeroed = Self.sealed
        for place in start..<start + 64 { zeroed[place] = UInt8(ascii: "0") }
        #expect(BLAKE2b(of: zeroed).hex == seal)
    }

    @Test("every changed bit is detected") func everyChangedBitIsDetected() {
        for place in Self.sealed.indices {
            for bit in [0, 5] {
                var damaged = Self.sealed
                damaged[place] ^= 1 << bit
                #expect(throws: FileError.self, "byte \(place)") {
                    _ = try SealedTensors.open(damaged, name: "entry")
                }
            }
        }
    }

    @Test("every missing byte is detected") func everyMissingByteIsDetected() {
        for count in Self.sealed.indices {
            #expect(throws: FileError.self, "\(count) bytes") {
                _ = try SealedTensors.open(Array(Self.sealed.prefix(count)), name: "entry")
            }
        }
        #expect(throws: FileError.self) {
            _ = try SealedTensors.open(Self.sealed + [0], name: "entry")
        }
    }
}
