/// Little-endian numbers in the bytes of point records.
extension MutableSpan where Element == UInt8 {
    @inline(__always)
    func u16(_ at: Int) -> UInt16 { UInt16(self[at]) | UInt16(self[at + 1]) << 8 }

    @inline(__always)
    func u32(_ at: Int) -> UInt32 { UInt32(u16(at)) | UInt32(u16(at + 2)) << 16 }

    @inline(__always)
    func u64(_ at: Int) -> UInt64 { UInt64(u32(at)) | UInt64(u32(at + 4)) << 32 }

    @inline(__always)
    func i32(_ at: Int) -> Int32 { Int32(bitPattern: u32(at)) }

    @inline(__always)
    mutating func put(_ value: UInt16, at: Int) {
        self[at] = UInt8(truncatingIfNeeded: value)
        self[at + 1] = UInt8(truncatingIfNeeded: value >> 8)
    }

    @inline(__always)
    mutating func put(_ value: UInt32, at: Int) {
        put(UInt16(truncatingIfNeeded: value), at: at)
        put(UInt16(truncatingIfNeeded: value >> 16), at: at + 2)
    }

    @inline(__always)
    mutating func put(_ value: UInt64, at: Int) {
        put(UInt32(truncatingIfNeeded: value), at: at)
        put(UInt32(truncatingIfNeeded: value >> 32), at: at + 4)
    }

    @inline(__always)
    mutating func put(_ value: Int32, at: Int) { put(UInt32(bitPattern: value), at: at) }
}
