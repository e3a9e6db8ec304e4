/// Reads a little-endian integer of `size` bytes.
@inline(__always)
func littleEndianBits(_ bytes: Span<UInt8>, at offset: Int, size: Int) -> UInt64 {
    // Labels and colours take one or two bytes, so these sizes have paths without a loop.
    switch size {
    case 1: return UInt64(bytes[offset])
    case 2: return UInt64(bytes[offset]) | UInt64(bytes[offset + 1]) << 8
    default:
        var value: UInt64 = 0
        for place in 0..<size { value |= UInt64(bytes[offset + place]) << UInt64(8 * place) }
        return value
    }
}

/// Reads a big-endian integer of `size` bytes.
@inline(__always)
func bigEndianBits(_ bytes: Span<UInt8>, at offset: Int, size: Int) -> UInt64 {
    var value: UInt64 = 0
    for place in 0..<size { value = value << 8 | UInt64(bytes[offset + place]) }
    return value
}
