/// Failures to write the records of a run, each of which is reported once.
///
/// Training continues without records. On a full disk every step would otherwise repeat the remark.
struct RecordFailures {
    /// Records missing from each file since its first failure.
    private var missing: [String: Int] = [:]

    /// Writes a record; returns a remark on the first failure and on the first success after it.
    ///
    /// - Parameter file: the file or folder as the remark names it.
    mutating func write(_ file: String, _ body: () throws -> Void) -> String? {
        do {
            try body()
            guard let count = missing.removeValue(forKey: file) else { return nil }
            return "\(file) can be written again; it lacks \(count) records"
        } catch {
            missing[file, default: 0] += 1
            guard missing[file] == 1 else { return nil }
            return "\(error) Training continues without this record, and later failures of \(file) "
                + "are not reported."
        }
    }
}
