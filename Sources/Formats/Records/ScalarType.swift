import ZipArchives

/// A numeric type of a file format.
package enum ScalarType: String, Sendable, CaseIterable {
    case int8, uint8, int16, uint16, int32, uint32, int64, uint64, float16, float32, float64

    /// Number of bytes.
    package var size: Int {
        switch self {
        case .int8, .uint8: 1
        case .int16, .uint16, .float16: 2
        case .int32, .uint32, .float32: 4
        case .int64, .uint64, .float64: 8
        }
    }

    /// Whether values have no fraction.
    package var isInteger: Bool {
        switch self {
        case .float16, .float32, .float64: false
        default: true
        }
    }

    /// The largest value of an unsigned type that channels are normalised by; nil for other types.
    package var greatest: Double? {
        switch self {
        case .uint8: 255
        case .uint16: 65_535
        default: nil
        }
    }

    /// Decodes stored bits; integers beyond 2^53 are rounded.
    @inline(__always)
    package func number(of bits: UInt64) -> Double {
        switch self {
        case .int8: Double(Int8(truncatingIfNeeded: bits))
        case .uint8, .uint16, .uint32, .uint64: Double(bits)
        case .int16: Double(Int16(truncatingIfNeeded: bits))
        case .int32: Double(Int32(truncatingIfNeeded: bits))
        case .int64: Double(Int64(bitPattern: bits))
        case .float16: Double(Float16(bitPattern: UInt16(truncatingIfNeeded: bits)))
        case .float32: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
        case .float64: Double(bitPattern: bits)
        }
    }

    /// Encodes a number; floating-point types round, and integer types return nil for a number that
    /// they cannot represent.
    package func bits(of number: Double) -> UInt64? {
        func whole<Value: FixedWidthInteger>(_ type: Value.Type) -> UInt64? {
            Value(exactly: number).map { UInt64(truncatingIfNeeded: $0) }
        }
        return switch self {
        case .int8: whole(Int8.self)
        case .uint8: whole(UInt8.self)
        case .int16: whole(Int16.self)
        case .uint16: whole(UInt16.self)
        case .int32: whole(Int32.self)
        case .uint32: whole(UInt32.self)
        case .int64: whole(Int64.self)
        case .uint64: whole(UInt64.self)
        case .float16: UInt64(Float16(number).bitPattern)
        case .float32: UInt64(Float(number).bitPattern)
        case .float64: number.bitPattern
        }
    }
}

extension ScalarType {
    /// Encodes the class of each point; throws if this type cannot represent one of them.
    ///
    /// - Parameter original: the file of the points, for the error message.
    package func bits(ofClasses classes: [Int], of original: String) throws -> [UInt64] {
        try classes.enumerated().map { row, number in
            guard let bits = bits(of: Double(number)) else {
                throw SourceError(
                    "Point \(row) of the predictions for \(original) has class \(number), which its "
                        + "label of type \(rawValue) cannot represent: give the class a number "
                        + "within the type's range under data.classes of the model's recipe, or "
                        + "convert the scan to a format with wider labels.")
            }
            return bits
        }
    }
}
