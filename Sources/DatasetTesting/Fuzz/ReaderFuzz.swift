import Datasets
import Formats
import FoundationEssentials
import PointClouds
import ZipArchives

/// Has the readers and writers of scans and labels take damaged files.
///
/// Every file is rejected in one sentence, or is read to a cloud that is sound; predictions for a scan
/// that was read are rejected in one sentence, or are read back as they were.
package struct ReaderFuzz {
    /// Counts of what became of the files.
    package struct Tally: Sendable {
        /// Damaged files.
        package var files = 0
        /// Files that were read as scans.
        package var scans = 0
        /// Files that were read as labels.
        package var labels = 0
        /// Predictions that were written and read back.
        package var predictions = 0
        /// The longest time for a file, and its number.
        package var slowest: (time: Duration, number: UInt64) = (.zero, 0)
    }

    /// The suffixes of the formats.
    package static let formats = [
        ".las", ".laz", ".ply", ".pcd", ".npy", ".npz", ".bin", ".pcd.bin", ".label",
        "_lidarseg.bin",
    ]

    /// The suffix of the files.
    package let format: String
    private let mutator: FileMutator
    private let scratch: String
    /// The tally so far.
    package private(set) var tally = Tally()

    /// Damaged files of a format.
    ///
    /// - Parameters:
    ///   - samples: a folder of valid files, to be damaged and mixed.
    ///   - scratch: an empty folder for the damaged file.
    package init(seed: UInt64, format: String, samples: String, scratch: String) throws {
        self.format = format
        self.scratch = scratch
        mutator = try FileMutator(seed: seed, suffix: format, samples: samples) {
            Self.isUsable($0, as: format)
        }
    }

    /// Whether a file is read as a scan or as labels.
    private static func isUsable(_ sample: FileMutator.Sample, as format: String) -> Bool {
        let path = FileManager.default.temporaryDirectory.appending(
            path: "denju-sample-" + UUID().uuidString + format
        ).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        guard (try? Data(sample.bytes).write(to: URL(filePath: path))) != nil else { return false }
        return (try? NamedScans([path], like: nil).scene(at: 0)) != nil
            || (try? PredictionFile.read(path)) != nil
    }

    /// The damaged file of that number.
    package func file(_ number: UInt64) -> FileMutator.Sample { mutator.damaged(number) }

    /// Has the readers take one file.
    package mutating func read(_ number: UInt64) throws(ReaderFinding) {
        let sample = mutator.damaged(number)
        let path = scratch + "/damaged" + format
        func finding(_ what: String) -> ReaderFinding {
            ReaderFinding(format: format, number: number, sample: sample.name, what)
        }
        do { try Data(sample.bytes).write(to: URL(filePath: path)) } catch {
            throw finding("cannot be written: \(error)")
        }
        tally.files += 1
        let start = ContinuousClock.now
        do {
            if let cloud = try attempt({ try NamedScans([path], like: nil).scene(at: 0) }) {
                tally.scans += 1
                try check(cloud)
                try predict(cloud, like: path)
            }
            if try attempt({ try PredictionFile.read(path) }) != nil { tally.labels += 1 }
        } catch let breach as Breach { throw finding(breach.what) } catch {
            throw finding("\(error)")
        }
        let time = ContinuousClock.now - start
        if time > tally.slowest.time { tally.slowest = (time, number) }
    }

    private struct Breach: Error { let what: String }

    /// The value; nil if the reader rejects the file in one sentence.
    private func attempt<Value>(_ body: () throws -> Value) throws -> Value? {
        do {
            return try body()
        } catch let error as SourceError {
            let text = error.description
            guard text.hasSuffix("."), !text.contains("\n"), text.utf8.count < 4000 else {
                throw Breach(what: "is rejected with what is no sentence: \(text.prefix(400))")
            }
            return nil
        } catch let error as Breach { throw error } catch {
            throw Breach(what: "is rejected with an error that is no sentence: \(error)")
        }
    }

    private func check(_ cloud: Cloud) throws {
        let isFinite = cloud.positions.allSatisfy { point in
            point.x.isFinite && point.y.isFinite && point.z.isFinite
        }
        guard isFinite else { throw Breach(what: "has positions that are not finite") }
        for channel in cloud.channels {
            guard channel.values.count == cloud.count * channel.width,
                channel.values.allSatisfy(\.isFinite)
            else { throw Breach(what: "has a channel '\(channel.name)' that is not sound") }
        }
    }

    private mutating func predict(_ cloud: Cloud, like path: String) throws {
        let numbers = (0..<cloud.count).map { $0 % 2 }
        let written = try attempt {
            try PredictionFile.write(numbers, like: path, to: scratch + "/written")
        }
        guard let written else { return }
        defer { try? FileManager.default.removeItem(atPath: written) }
        guard cloud.count > 0 else { return }
        guard try PredictionFile.read(written) == numbers else {
            throw Breach(what: "has predictions that are read back as other numbers")
        }
        tally.predictions += 1
    }
}

/// A damaged file that was not handled as every file must be.
package struct ReaderFinding: Error, CustomStringConvertible {
    /// The suffix of the format.
    package let format: String
    /// The file's number.
    package let number: UInt64
    private let sample: String
    private let what: String

    init(format: String, number: UInt64, sample: String, _ what: String) {
        self.format = format
        self.number = number
        self.sample = sample
        self.what = what
    }

    /// A clause with the file's number.
    package var description: String { "file \(number) of *\(format), from \(sample), \(what)" }
}
