import CheckpointTesting
import Checkpoints
import Files
import Foundation
import Tensors
import Testing

/// Mapped files, which are read in place and rejected after any change.
@Suite struct SharedTensorsTests {
    private let folder: String
    private let path: String
    private static let tensors = [
        NamedTensor(
            name: "weight", shape: [3, 2], tensor: Tensor(rows: 3, columns: 2, [1, 2, 3, 4, 5, 6])),
        NamedTensor(
            name: "row", shape: [16],
            tensor: Tensor(rows: 1, columns: 16, (0..<16).map { Float($0) })),
        NamedTensor(name: "number", shape: [], tensor: Tensor(7)),
    ]

    init() throws {
        folder = NSTemporaryDirectory() + "denju-shared-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        path = folder + "/file"
    }

    private func remove() { try? FileManager.default.removeItem(atPath: folder) }

    private func write() throws {
        try SharedTensors.write(Self.tensors, texts: [("who", "a test")], to: path)
    }

    @Test("a mapped file is read in place") func mappedFileIsReadInPlace() throws {
        defer { remove() }
        try write()
        let shared = try SharedTensors(path)
        #expect(shared.metadata["who"] == "a test")
        for tensor in Self.tensors {
            let bytes = try shared.bytes(of: tensor.name)
            let read = try #require(
                Tensor(rows: 1, columns: tensor.tensor.count, readingIn: bytes))
            #expect(read.values == tensor.tensor.values)
            let place = bytes.withBytes {
                unsafe $0.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
            }
            #expect(place % 64 == 0, "\(tensor.name)")
        }
        #expect(throws: FileError.self) { _ = try shared.bytes(of: "nothing") }
    }

    @Test("other readers see an ordinary safetensors file")
    func otherReadersSeeOrdinarySafetensorsFile() throws {
        defer { remove() }
        try write()
        let file = try SafetensorsFile(path)
        for tensor in Self.tensors {
            #expect(try file.shape(tensor.name) == tensor.shape)
            #expect(try file.tensor(tensor.name).values == tensor.tensor.values)
        }
    }

    @Test("an open file outlives its name") func openFileOutlivesItsName() throws {
        defer { remove() }
        try write()
        let row = try Tensor(rows: 1, columns: 16, readingIn: SharedTensors(path).bytes(of: "row"))
        try SharedTensors.write([], texts: [], to: path)
        #expect(row?.values == Self.tensors[1].tensor.values)
    }

    @Test("every changed bit is detected") func everyChangedBitIsDetected() throws {
        defer { remove() }
        try write()
        let bytes = try LocalFileSystem().contents(of: path, limit: 1 << 20)
        for place in bytes.indices {
            for bit in [0, 5] {
                var damaged = bytes
                damaged[place] ^= 1 << bit
                try Data(damaged).write(to: URL(fileURLWithPath: path))
                #expect(throws: FileError.self, "byte \(place)") { _ = try SharedTensors(path) }
            }
        }
    }

    @Test("every missing byte is detected") func everyMissingByteIsDetected() throws {
        defer { remove() }
        try write()
        let bytes = try LocalFileSystem().contents(of: path, limit: 1 << 20)
        for count in bytes.indices {
            try Data(bytes.prefix(count)).write(to: URL(fileURLWithPath: path))
            #expect(throws: FileError.self, "\(count) bytes") { _ = try SharedTensors(path) }
        }
        try Data(bytes + [0]).write(to: URL(fileURLWithPath: path))
        #expect(throws: FileError.self) { _ = try SharedTensors(path) }
    }

    @Test("a file that other users can write is rejected", arguments: [0o666, 0o620])
    func fileThatOtherUsersCanWriteIsRejected(mode: Int) throws {
        defer { remove() }
        try write()
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        #expect(
            throws: FileError(path, "can be written by users other than the one of this process")
        ) { _ = try SharedTensors(path) }
    }

    @Test("remains of a killed writer are removed") func remainsOfKilledWriterAreRemoved() throws {
        let disk = SimulatedDisk()
        for name in ["file.tmp-0123456789abcdef", "file.else", "file.tmp-notes", "other.tmp-0123"] {
            try disk.create(name).close()
        }
        try SharedTensors.write(Self.tensors, texts: [], to: "file", in: disk)
        #expect(
            try disk.names(in: ".") == ["file", "file.else", "file.tmp-notes", "other.tmp-0123"])
    }

    @Test("a failed write leaves no file") func failedWriteLeavesNoFile() throws {
        let disk = SimulatedDisk()
        func write() throws {
            try SharedTensors.write(Self.tensors, texts: [], to: "file", in: disk)
        }
        try write()
        let operations = disk.operations
        try disk.removeFile("file")
        for failing in 0..<operations {
            disk.arm(.failure(atOperation: failing, reason: "the disk is full"))
            #expect(throws: FileError.self, "\(failing)") { try write() }
            #expect(try disk.names(in: ".").isEmpty, "\(failing)")
        }
    }
}
