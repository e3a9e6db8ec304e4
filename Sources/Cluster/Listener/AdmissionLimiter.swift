/// Limits how often the holder of a key introduces itself or asks for the status, over however many
/// connections; without keys all clients count together.
///
/// A connection's own allowance begins anew with every connection. Pure; time is an argument.
package struct AdmissionLimiter {
    private struct Record {
        var allowance: Double
        var earnedUntil: Duration
    }

    /// Answers at once, of which a tenth is earned again in each heartbeat timeout.
    private let capacity: Int
    // Keys are those of the allow-list: clients cannot make this table grow.
    private var records: [String: Record] = [:]

    /// A limiter that has answered nothing.
    package init(_ capacity: Int) { self.capacity = capacity }

    /// Whether a client may be answered.
    ///
    /// - Parameter userID: its authenticated key; nil without keys.
    package mutating func take(_ userID: String?, at now: Duration, timeout: Duration) -> Bool {
        var record = records[userID ?? ""] ?? Record(allowance: Double(capacity), earnedUntil: now)
        let earned = Double(capacity) / 10 * ((now - record.earnedUntil) / timeout)
        record.allowance = min(record.allowance + earned, Double(capacity))
        record.earnedUntil = now
        defer { records[userID ?? ""] = record }
        guard record.allowance >= 1 else { return false }
        record.allowance -= 1
        return true
    }
}
