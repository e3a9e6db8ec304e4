/// How safetensors writes the numbers of a tensor, little-endian.
package enum SafetensorsType: String, Sendable, CaseIterable {
    /// Truth values, a byte each: 0 or 1.
    case bool = "BOOL"
    /// Whole numbers from 0 to 255.
    case uint8 = "U8"
    /// Whole numbers from -128 to 127.
    case int8 = "I8"
    /// Unsigned whole numbers of 16 bits.
    case uint16 = "U16"
    /// Whole numbers of 16 bits.
    case int16 = "I16"
    /// Unsigned whole numbers of 32 bits.
    case uint32 = "U32"
    /// Whole numbers of 32 bits.
    case int32 = "I32"
    /// Unsigned whole numbers of 64 bits.
    case uint64 = "U64"
    /// Whole numbers of 64 bits.
    case int64 = "I64"
    /// IEEE half precision.
    case float16 = "F16"
    /// The upper half of an IEEE single.
    case bfloat16 = "BF16"
    /// IEEE single precision.
    case float32 = "F32"
    /// IEEE double precision.
    case float64 = "F64"

    /// Bytes a number takes.
    package var size: Int {
        switch self {
        case .bool, .uint8, .int8: 1
        case .uint16, .int16, .float16, .bfloat16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64: 8
        }
    }
}
