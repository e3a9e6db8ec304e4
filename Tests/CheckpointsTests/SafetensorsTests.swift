import Checkpoints
import Files
import Foundation
import Tensors
import Testing

@Suite struct SafetensorsTests {
    /// Written by the public Python package, version 0.8.0.
    static let goldenFloats = """
        GAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJwdCJ9LCJhIjp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlsxXSwi\
        ZGF0YV9vZmZzZXRzIjpbMCw0XX0sImIud2VpZ2h0Ijp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlsyLDNdLCJkYXRhX29mZnNl\
        dHMiOls0LDI4XX0sImVtcHR5Ijp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlswLDNdLCJkYXRhX29mZnNldHMiOlsyOCwyOF19\
        LCLDqVwiXFxcblx1MDAwMSI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbXSwiZGF0YV9vZmZzZXRzIjpbMjgsMzJdfX0gICAg\
        AADgQAAAwD8AAADAAACAPgAAQEAAAIBAAAAAgAAAAD8=
        """
    static let goldenTypes = """
        iAEAAAAAAAB7ImkiOnsiZHR5cGUiOiJJNjQiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOlswLDE2XX0sImQiOnsiZHR5\
        cGUiOiJGNjQiLCJzaGFwZSI6WzIsMV0sImRhdGFfb2Zmc2V0cyI6WzE2LDMyXX0sImoiOnsiZHR5cGUiOiJJMzIiLCJzaGFw\
        ZSI6WzEsMl0sImRhdGFfb2Zmc2V0cyI6WzMyLDQwXX0sImgiOnsiZHR5cGUiOiJGMTYiLCJzaGFwZSI6WzRdLCJkYXRhX29m\
        ZnNldHMiOls0MCw0OF19LCJzIjp7ImR0eXBlIjoiSTE2Iiwic2hhcGUiOlsxXSwiZGF0YV9vZmZzZXRzIjpbNDgsNTBdfSwi\
        dSI6eyJkdHlwZSI6IlU4Iiwic2hhcGUiOlszXSwiZGF0YV9vZmZzZXRzIjpbNTAsNTNdfSwidCI6eyJkdHlwZSI6IkJPT0wi\
        LCJzaGFwZSI6WzNdLCJkYXRhX29mZnNldHMiOls1Myw1Nl19fSAgIP//////////AAAAAAABAABVVVVVVVXVP5x1AIg85Dd+\
        +////////38APADB/wP/e9T+AP8DAQAB
        """

    static func decoded(_ base64: String) throws -> [UInt8] {
        Array(try #require(Data(base64Encoded: base64)))
    }

    static let floats = [
        NamedTensor(name: "a", shape: [1], tensor: Tensor(7)),
        NamedTensor(
            name: "b.weight", shape: [2, 3],
            tensor: Tensor(rows: 2, columns: 3, [1.5, -2, 0.25, 3, 4, -0.0])),
        NamedTensor(name: "empty", shape: [0, 3], tensor: Tensor(rows: 0, columns: 3, [])),
        NamedTensor(name: "é\"\\\n\u{1}", shape: [], tensor: Tensor(0.5)),
    ]

    @Test("the writer produces the bytes of the public package")
    func writerProducesBytesOfPublicPackage() throws {
        #expect(SafetensorsWriter.bytes(of: Self.floats) == (try Self.decoded(Self.goldenFloats)))
    }

    /// Written by the public Python package, version 0.8.0, from half-precision NumPy arrays.
    static let goldenHalves = """
        oAAAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJwdCJ9LCJmZWF0dXJlcy5kZWMwIjp7ImR0eXBlIjoiRjE2Iiwi\
        c2hhcGUiOlsyLDFdLCJkYXRhX29mZnNldHMiOlswLDRdfSwibG9naXRzIjp7ImR0eXBlIjoiRjE2Iiwic2hhcGUiOlsyLDNd\
        LCJkYXRhX29mZnNldHMiOls0LDE2XX19VTUCAAA8AMH/e/8DZi4AgA==
        """

    @Test("half precision is written as by the public package")
    func halfPrecisionIsWrittenAsByPublicPackage() throws {
        let features = Tensor(rows: 2, columns: 1, [0.333333, 1e-7])
        let logits = Tensor(rows: 2, columns: 3, [1, -2.5, 65504, 6.1e-5, 0.1, -0.0])
        let bytes = SafetensorsWriter.bytes(
            of: [
                NamedTensor(name: "features.dec0", shape: [2, 1], tensor: features),
                NamedTensor(name: "logits", shape: [2, 3], tensor: logits),
            ], precision: .half)
        #expect(bytes == (try Self.decoded(Self.goldenHalves)))
        let read = try SafetensorsFile(bytes: bytes, name: "halves").tensor("logits")
        #expect(read.values == logits.values.map { Float(Float16($0)) })
    }

    @Test("files of the public package are read") func filesOfPublicPackageAreRead() throws {
        let file = try SafetensorsFile(bytes: Self.decoded(Self.goldenFloats), name: "golden")
        #expect(file.names == Self.floats.map(\.name))
        #expect(file.metadata == ["format": "pt"])
        for expected in Self.floats {
            let read = try file.namedTensor(expected.name)
            #expect(read.shape == expected.shape)
            #expect(read.tensor.rows == expected.tensor.rows)
            #expect(read.tensor.columns == expected.tensor.columns)
            #expect(
                read.tensor.values.map(\.bitPattern) == expected.tensor.values.map(\.bitPattern))
        }
        #expect(try file.weights().names == file.names)
    }

    @Test("values of every type are read") func valuesOfEveryTypeAreRead() throws {
        let file = try SafetensorsFile(bytes: Self.decoded(Self.goldenTypes), name: "types")
        #expect(try file.int64s("i") == [-1, 1 << 40])
        #expect(try file.int32s("j") == [-5, .max])
        #expect(try file.int64s("j") == [-5, Int64(Int32.max)])
        #expect(try file.integers("s", as: Int.self) == [-300])
        #expect(try file.uint8s("u") == [0, 255, 3])
        #expect(try file.bools("t") == [true, false, true])
        #expect(try file.int32s("t") == [1, 0, 1])
        #expect(try file.float64s("d") == [1.0 / 3, 1e300])
        #expect(try file.tensor("d").values == [Float(1.0 / 3), .infinity])
        #expect(try file.tensor("h").values == [1, -2.5, Float(Float16(6.1e-5)), 65504])
        #expect(try file.float64s("h").first == 1)
        #expect(try file.shape("j") == [1, 2])
        #expect(try file.type("s") == .int16)
        #expect(file.contains("s") && !file.contains("z"))
    }

    @Test("values that do not fit are rejected") func valuesThatDoNotFitAreRejected() throws {
        let file = try SafetensorsFile(bytes: Self.decoded(Self.goldenTypes), name: "types")
        func sentence(_ body: () throws -> Void) -> String {
            let error = #expect(throws: FileError.self) { try body() }
            return error?.description ?? ""
        }
        #expect(
            sentence { _ = try file.tensor("i") }
                == "types: tensor “i” is of type I64, where floating-point numbers are wanted (byte 400)."
        )
        #expect(
            sentence { _ = try file.int32s("i") }
                == "types: tensor “i” holds 1099511627776, which does not fit where Int32 is wanted (byte 408)."
        )
        #expect(sentence { _ = try file.bools("u") }.contains("truth values are wanted"))
        #expect(sentence { _ = try file.int64s("h") }.contains("whole numbers are wanted"))
        #expect(sentence { _ = try file.tensor("z") } == "types has no tensor called “z”.")
        var bytes = try Self.decoded(Self.goldenTypes)
        bytes[bytes.count - 2] = 2
        let spoilt = try SafetensorsFile(bytes: bytes, name: "types")
        #expect(sentence { _ = try spoilt.bools("t") }.contains("holds 2 where"))
    }

    @Test("BF16 values are the upper halves of singles")
    func bf16ValuesAreUpperHalvesOfSingles() throws {
        let header = #"{"x":{"dtype":"BF16","shape":[3],"data_offsets":[0,6]}}"#
        let bytes =
            [UInt8(header.utf8.count)] + [UInt8](repeating: 0, count: 7)
            + Array(header.utf8) + [0x80, 0x3F, 0x49, 0xC0, 0x80, 0x7F]
        let file = try SafetensorsFile(bytes: bytes, name: "x")
        #expect(try file.tensor("x").values == [1, -3.140625, .infinity])
    }

    @Test("several dimensions become rows and columns")
    func severalDimensionsBecomeRowsAndColumns() throws {
        let kernel = NamedTensor(
            name: "w", shape: [2, 3, 3, 5],
            tensor: Tensor(rows: 2, columns: 45, (0..<90).map(Float.init)))
        let file = try SafetensorsFile(
            bytes: SafetensorsWriter.bytes(of: [kernel], metadata: [:]), name: "w")
        let read = try file.namedTensor("w")
        #expect(read.shape == [2, 3, 3, 5])
        #expect((read.tensor.rows, read.tensor.columns) == (2, 45))
        #expect(read.tensor.values == kernel.tensor.values)
        #expect(file.metadata.isEmpty)
    }

    /// More values than are converted at a time, from a real file.
    @Test("long tensors are read from disk") func longTensorsAreReadFromDisk() throws {
        let path = NSTemporaryDirectory() + "denju-\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let values = (0..<200_003).map { Float($0) * 0.5 }
        let long = NamedTensor(
            name: "long", shape: [200_003], tensor: Tensor(rows: 1, columns: 200_003, values))
        let summary = try SafetensorsWriter.write(Self.floats + [long], to: path)
        let file = try SafetensorsFile(path)
        #expect(try file.tensor("long").values == values)
        #expect(try file.float64s("long").last == 100_001)
        let contents = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        #expect(summary.size == contents.count && summary.sha256 == SHA256(of: contents))
        #expect(contents == SafetensorsWriter.bytes(of: Self.floats + [long]))
        // A second write replaces the first file and leaves no other.
        try SafetensorsWriter.write(Self.floats, to: path)
        #expect(try SafetensorsFile(path).names.count == 4)
        let siblings = try FileManager.default.contentsOfDirectory(atPath: NSTemporaryDirectory())
        #expect(siblings.filter { path.hasSuffix($0) || $0.hasPrefix(path) }.count == 1)
    }
}
