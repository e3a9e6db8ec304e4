internal import FoundationEssentials
internal import Glibc

/// A log that cannot be written or read, with the reason in one sentence.
package struct LogError: Error, CustomStringConvertible, Equatable {
    /// The sentence.
    package let description: String
}

/// A record in a log of a run, which belongs to a step.
package protocol LogRecord: Codable, Sendable {
    /// The number of completed steps, this one included.
    var step: Int { get }
}

/// The log of a run's steps.
package typealias StepLog = RecordLog<StepRecord>

/// The log of a run's validations.
package typealias ValidationLog = RecordLog<ValidationRecord>

/// A file of JSON lines in the order of their steps.
///
/// Each line is written by one system call when its step is complete. Readers find whole lines;
/// after a crash, at most the last line is incomplete. A log has one owner.
package final class RecordLog<Record: LogRecord> {
    /// The file's path.
    package let path: String
    private let descriptor: Int32
    private let encoder: JSONEncoder

    /// Opens or creates the log at a path to continue after `step` steps.
    ///
    /// Lines of later steps, and an incomplete line at the end, are removed durably in one step:
    /// the run will write them again. A `step` of 0 empties the log.
    package init(_ path: String, resumingAfter step: Int = 0) throws(LogError) {
        self.path = path
        encoder = JSONEncoder()
        // Sorted, so that equal records have equal bytes: dictionaries have no order of their own.
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = Self.infinities
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw LogError.system(path, "cannot be opened", errno) }
        self.descriptor = descriptor
        let kept = try Self.length(ofStepsUpTo: step, in: path)
        // Durable before the first new line: a crash must not bring the abandoned steps back.
        guard ftruncate(descriptor, off_t(kept)) == 0, fsync(descriptor) == 0 else {
            throw LogError.system(path, "cannot be cut to its first \(step) steps", errno)
        }
    }

    deinit { _ = close(descriptor) }

    /// Appends a line, or nothing if the call throws.
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

    /// The records of a log in order; an incomplete line at the end is skipped.
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

    /// The texts for infinities and NaN, which JSON lacks but records of a diverged run contain.
    private static var infinities: JSONEncoder.NonConformingFloatEncodingStrategy {
        .convertToString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    }

    // Searched from the end: steps ascend, and most of a long log is kept.
    /// The bytes of the log that belong to steps up to the given one.
    private static func length(ofStepsUpTo step: Int, in path: String) throws(LogError) -> Int {
        let contents = try contents(of: path)
        let newline = UInt8(ascii: "\n")
        // Bytes after the last line feed are an incomplete line.
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

/// The step of a line, without its other members.
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
            // Half a record would make the next line unreadable as well.
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
