internal import FoundationEssentials
internal import Glibc

/// A log that cannot be written or read: which, and why, in one sentence.
package struct LogError: Error, CustomStringConvertible, Equatable {
    /// The sentence.
    package let description: String
}

/// What stands in a log of a run: something that was so after a number of steps.
package protocol LogRecord: Codable, Sendable {
    /// Steps done, this one included.
    var step: Int { get }
}

/// The lines of a run's steps.
package typealias StepLog = RecordLog<StepRecord>

/// The lines of a run's validations.
package typealias ValidationLog = RecordLog<ValidationRecord>

/// A file of JSON lines, in the order of the steps they tell of.
///
/// Each line is handed to the system as a whole when its step is done, so that a reader, or
/// whoever comes after a crash, finds whole lines and at most one torn one at the end. One owner.
package final class RecordLog<Record: LogRecord> {
    /// The file's path.
    package let path: String
    private let descriptor: Int32
    private let encoder: JSONEncoder

    /// Opens the log at a path, which is made if it is not there, to go on after `step` steps.
    ///
    /// Lines of later steps, and a torn line at the end, are cut off in one step and durably:
    /// the run will write them anew. 0 empties the log.
    package init(_ path: String, resumingAfter step: Int = 0) throws(LogError) {
        self.path = path
        encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = Self.infinities
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw LogError.system(path, "cannot be opened", errno) }
        self.descriptor = descriptor
        let kept = try Self.length(ofStepsUpTo: step, in: path)
        guard ftruncate(descriptor, off_t(kept)) == 0, fsync(descriptor) == 0 else {
            throw LogError.system(path, "cannot be cut to its first \(step) steps", errno)
        }
    }

    deinit { _ = close(descriptor) }

    /// Adds a line, whole or not at all.
    package func append(_ record: Record) throws(LogError) {
        var line: Data
        do {
            line = try encoder.encode(record)
        } catch {
            throw LogError(description: "\(path) cannot be written: \(error)")
        }
        line.append(UInt8(ascii: "\n"))
        try appendWhole(Array(line), to: descriptor, at: path)
    }

    /// The records of a log in their order; a torn line at the end is passed over.
    package static func records(at path: String) throws(LogError) -> [Record] {
        let contents = try contents(of: path)
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        var records: [Record] = []
        var start = contents.startIndex
        var number = 1
        while let end = contents[start...].firstIndex(of: UInt8(ascii: "\n")) {
            do {
                let record = try decoder.decode(Record.self, from: Data(contents[start..<end]))
                records.append(record)
            } catch {
                throw LogError(
                    description: "\(path) has no record in line \(number) (byte \(start)).")
            }
            start = end + 1
            number += 1
        }
        return records
    }

    // MARK: - Lines

    /// JSON has no words for them, and a run that diverges must still be able to say so.
    private static var infinities: JSONEncoder.NonConformingFloatEncodingStrategy {
        .convertToString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    }

    /// How many bytes of the log belong to steps up to the given one.
    ///
    /// Read from the end: steps ascend, and most of a long log stays.
    private static func length(ofStepsUpTo step: Int, in path: String) throws(LogError) -> Int {
        let contents = try contents(of: path)
        let newline = UInt8(ascii: "\n")
        // Behind the last line feed stands nothing, or a torn line.
        var end = contents.lastIndex(of: newline).map { $0 + 1 } ?? 0
        while end > 0 {
            let start = contents[..<(end - 1)].lastIndex(of: newline).map { $0 + 1 } ?? 0
            let line = Data(contents[start..<(end - 1)])
            if let place = try? JSONDecoder().decode(Place.self, from: line), place.step <= step {
                return end
            }
            end = start
        }
        return 0
    }

    private static func contents(of path: String) throws(LogError) -> Data {
        do {
            return try Data(contentsOf: URL(filePath: path), options: .mappedIfSafe)
        } catch {
            throw LogError(description: "\(path) cannot be read: \(error)")
        }
    }
}

/// The step alone of a line.
private struct Place: Decodable {
    var step: Int
}

/// Appends bytes to an open file, all or none of them.
func appendWhole(_ bytes: [UInt8], to descriptor: Int32, at path: String) throws(LogError) {
    let start = lseek(descriptor, 0, SEEK_END)
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = unsafe rest.withUnsafeBytes { bytes in
            unsafe write(descriptor, bytes.baseAddress, bytes.count)
        }
        if count < 0 {
            let code = errno
            if code == EINTR { continue }
            // Half a record would spoil the next one as well.
            _ = ftruncate(descriptor, start)
            throw LogError.system(path, "cannot be written", code)
        }
        rest = rest.dropFirst(count)
    }
}

extension LogError {
    static func system(_ path: String, _ verb: String, _ code: Int32) -> LogError {
        let reason = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        return LogError(description: "\(path) \(verb): \(reason).")
    }
}
