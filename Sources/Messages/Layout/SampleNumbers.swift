/// Successive small numbers, from 1, for the fields of sample records.
///
/// Every field holds another number, so a reader or writer that exchanges two fields is noticed.
package struct SampleNumbers: Sendable {
    private var last: UInt64 = 0

    /// Numbers that begin with 1.
    package init() {}

    /// The next number.
    package mutating func next() -> UInt64 {
        last += 1
        return last
    }
}
