/// A writer of Protocol Buffers messages, for the subset that TensorBoard's events use.
///
/// Fields are written in the order in which they are added.
struct ProtobufMessage {
    private(set) var bytes: [UInt8] = []

    private enum WireType: UInt64 {
        case varint = 0
        case double = 1
        case bytes = 2
        case float = 5
    }

    mutating func add(_ field: UInt64, integer value: Int64) {
        begin(field, .varint)
        append(varint: UInt64(bitPattern: value))
    }

    mutating func add(_ field: UInt64, double value: Double) {
        begin(field, .double)
        append(littleEndian: value.bitPattern)
    }

    mutating func add(_ field: UInt64, float value: Float) {
        begin(field, .float)
        append(littleEndian: value.bitPattern)
    }

    mutating func add(_ field: UInt64, bytes value: [UInt8]) {
        begin(field, .bytes)
        append(varint: UInt64(value.count))
        bytes += value
    }

    mutating func add(_ field: UInt64, text value: String) { add(field, bytes: Array(value.utf8)) }

    mutating func add(_ field: UInt64, message value: ProtobufMessage) {
        add(field, bytes: value.bytes)
    }

    /// Adds a packed list.
    mutating func add(_ field: UInt64, doubles values: [Double]) {
        var packed = ProtobufMessage()
        for value in values { packed.append(littleEndian: value.bitPattern) }
        add(field, bytes: packed.bytes)
    }

    private mutating func begin(_ field: UInt64, _ type: WireType) {
        append(varint: field << 3 | type.rawValue)
    }

    private mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private mutating func append(littleEndian value: some FixedWidthInteger) {
        bytes.append(littleEndian: value)
    }
}

extension [UInt8] {
    /// Appends a number's bytes, little-endian.
    mutating func append(littleEndian value: some FixedWidthInteger) {
        for shift in stride(from: 0, to: value.bitWidth, by: 8) {
            append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }
}
