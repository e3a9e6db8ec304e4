/// A type of values in safetensors files, all little-endian.
package enum SafetensorsType: String, Sendable, CaseIterable {
    /// Booleans of one byte: 0 or 1.
    case bool = "BOOL"
    /// Integers from 0 to 255.
    case uint8 = "U8"
    /// Integers from -128 to 127.
    case int8 = "I8"
    /// Unsigned integers of 16 bits.
    case uint16 = "U16"
    /// Integers of 16 bits.
    case int16 = "I16"
    /// Unsigned integers of 32 bits.
    case uint32 = "U32"
    /// Integers of 32 bits.
    case int32 = "I32"
    /// Unsigned integers of 64 bits.
    case uint64 = "U64"
    /// Integers of 64 bits.
    case int64 = "I64"
    /// IEEE half precision.
    case float16 = "F16"
    /// The upper half of an IEEE single.
    case bfloat16 = "BF16"
    /// IEEE single precision.
    case float32 = "F32"
    /// IEEE double precision.
    case float64 = "F64"

    /// The bytes of one value.
    package var size: Int {
        switch self {
        case .bool, .uint8, .int8: 1
        case .uint16, .int16, .float16, .bfloat16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64: 8
        }
    }
}
