import Files
import Foundation
import Networks
import PointClouds
import Tensors
import Testing
import Training

/// A fetched teacher, and the file in which its weights lie as products want them.
@Suite struct LaidOutTeacherTests {
    private let folder: String
    private let path: String
    private let run: TinyRun
    private let model: StoredModel
    private let digest: [UInt8]

    init() throws {
        folder = NSTemporaryDirectory() + "denju-laid-out-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        path = folder + "/teacher.safetensors"
        run = try TinyRun(objectives: "- relation.dense")
        model = try StoredModel(untrained: run.networkRecipe, seed: 99, path: path)
        let bytes = try model.safetensors()
        digest = SHA256(of: bytes).bytes
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    private func remove() { try? FileManager.default.removeItem(atPath: folder) }

    private func opened() throws -> Teacher { try Teacher(asset: path, digest: digest) }

    /// The files besides the fetched one.
    private func others() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0 != "teacher.safetensors" }.map { folder + "/" + $0 }
    }

    private func says(_ teacher: Teacher, whatSays model: StoredModel? = nil) throws {
        let example = try run.loader.example(of: 0, step: 0)
        let scene = Scene(
            features: example.features,
            hierarchy: try run.student.geometry.hierarchy(
                gridCoordinates: [example.voxels.gridCoordinates]))
        let query = TeacherQuery(taps: [.decoder(0), .encoder(1)])
        let (a, b) = (
            teacher.outputs(for: scene, query),
            try (model ?? self.model).teacher().outputs(for: scene, query)
        )
        #expect(a.logits.isBitIdentical(to: b.logits))
        for tap in a.taps {
            #expect(a.features(at: tap).isBitIdentical(to: b.features(at: tap)))
        }
    }

    @Test func secondWorkerReadsTheFirstOnesPackedFile() throws {
        defer { remove() }
        try says(opened())
        let left = try others()
        #expect(left.count == 1)
        let before = try LocalFileSystem().status(of: left[0])
        // The hash of what was fetched is not asked for again: what was laid out has its own.
        let fetched = try LocalFileSystem().contents(of: path, limit: 1 << 30)
        try Data(fetched.reversed()).write(to: URL(fileURLWithPath: path))
        try says(opened())
        #expect(try LocalFileSystem().status(of: left[0]) == before)
    }

    @Test func damagedPackedFileIsWrittenAgain() throws {
        defer { remove() }
        _ = try opened()
        let left = try others()[0]
        let sound = try LocalFileSystem().contents(of: left, limit: 1 << 30)
        var damaged = sound
        damaged[damaged.count / 2] ^= 4
        for bytes in [damaged, Array(sound.prefix(1000)), []] {
            try Data(bytes).write(to: URL(fileURLWithPath: left))
            try says(opened())
            #expect(try LocalFileSystem().contents(of: left, limit: 1 << 30) == sound)
        }
    }

    @Test func packedFileOfAnotherTeacherIsNotUsed() throws {
        defer { remove() }
        _ = try opened()
        let other = try StoredModel(untrained: model.description, seed: 1, path: path)
        let bytes = try other.safetensors()
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        try says(Teacher(asset: path, digest: SHA256(of: bytes).bytes), whatSays: other)
    }

    @Test func damagedTeacherIsRemovedAndNamed() throws {
        defer { remove() }
        var bytes = try LocalFileSystem().contents(of: path, limit: 1 << 30)
        bytes[bytes.count - 5] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        #expect(
            throws: ModelError(
                "The cached teacher \(path) was damaged and has been removed: start the worker "
                    + "again to fetch another copy.")
        ) { _ = try opened() }
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(try others().isEmpty)
    }

    @Test func unwritablePackedFileIsNotNeeded() throws {
        defer { remove() }
        // A folder of the name it would have is in its place.
        _ = try opened()
        let left = try others()[0]
        try FileManager.default.removeItem(atPath: left)
        try FileManager.default.createDirectory(
            atPath: left + "/in the way", withIntermediateDirectories: true)
        try says(opened())
        #expect(try others() == [left])
    }
}
