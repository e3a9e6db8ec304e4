/// A number's digits with leading zeros up to a width.
package func padded(_ number: some BinaryInteger, to width: Int, radix: Int = 10) -> String {
    let digits = String(number, radix: radix)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// The hexadecimal digits of bytes, two lower-case digits each.
package func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { padded($0, to: 2, radix: 16) }.joined()
}
