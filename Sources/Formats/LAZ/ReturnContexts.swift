/// Contexts of points by their position among the returns of a pulse, from LASzip's tables.
enum ReturnContexts {
    /// Context of a return in point formats 0 to 5, where both numbers have 3 bits.
    @inline(__always)
    static func legacyKind(of returns: Int, _ number: Int) -> Int {
        Int(legacyKinds[returns << 3 | number])
    }

    /// Context of a return in point formats 6 to 10, where both numbers have 4 bits.
    @inline(__always)
    static func kind(of returns: Int, _ number: Int) -> Int {
        Int(kinds[returns << 4 | number])
    }

    /// Distance of a return from the last of its pulse, at most 7: returns of the same distance have
    /// similar heights.
    @inline(__always)
    static func depth(of returns: Int, _ number: Int) -> Int { min(abs(returns - number), 7) }

    private static let legacyKinds: [UInt8] = [
        15, 14, 13, 12, 11, 10, 9, 8,
        14, 0, 1, 3, 6, 10, 10, 9,
        13, 1, 2, 4, 7, 11, 11, 10,
        12, 3, 4, 5, 8, 12, 12, 11,
        11, 6, 7, 8, 9, 13, 13, 12,
        10, 10, 11, 12, 13, 14, 14, 13,
        9, 10, 11, 12, 13, 14, 15, 14,
        8, 9, 10, 11, 12, 13, 14, 15,
    ]

    private static let kinds: [UInt8] = [
        0, 1, 2, 3, 4, 5, 3, 4, 4, 5, 5, 5, 5, 5, 5, 5,
        1, 0, 1, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3,
        2, 1, 2, 4, 4, 4, 4, 4, 4, 4, 4, 3, 3, 3, 3, 3,
        3, 3, 4, 5, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4,
        4, 3, 4, 4, 5, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4,
        5, 3, 4, 4, 4, 5, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4,
        3, 3, 4, 4, 4, 4, 5, 4, 4, 4, 4, 4, 4, 4, 4, 4,
        4, 3, 4, 4, 4, 4, 4, 5, 4, 4, 4, 4, 4, 4, 4, 4,
        4, 3, 4, 4, 4, 4, 4, 4, 5, 4, 4, 4, 4, 4, 4, 4,
        5, 3, 4, 4, 4, 4, 4, 4, 4, 5, 4, 4, 4, 4, 4, 4,
        5, 3, 4, 4, 4, 4, 4, 4, 4, 4, 5, 4, 4, 4, 4, 4,
        5, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 4, 4, 4,
        5, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 4, 4,
        5, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 4,
        5, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5,
        5, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5,
    ]
}

/// Part of a coordinate's context that depends on the size of related corrections.
@inline(__always)
func contextOfBits(_ bits: UInt32, limit: UInt32) -> Int {
    bits < limit ? Int(bits & ~1) : Int(limit)
}
