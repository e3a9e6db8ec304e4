/// One of the eleven point formats of LAS.
package struct LASPointFormat: Sendable, Equatable {
    let number: Int

    private static let sizes = [20, 28, 26, 34, 57, 63, 30, 36, 38, 59, 67]

    /// Creates the format with a number; nil if LAS does not define it.
    init?(number: Int) {
        guard Self.sizes.indices.contains(number) else { return nil }
        self.number = number
    }

    /// Size of a point in bytes, without extra bytes.
    var size: Int { Self.sizes[number] }
    /// Whether the format was introduced by LAS 1.4.
    var isExtended: Bool { number >= 6 }
    /// Whether points have a waveform packet.
    var hasWaveform: Bool { [4, 5, 9, 10].contains(number) }

    private var timeOffset: Int? {
        switch number {
        case 1, 3, 4, 5: 20
        case 6...: 22
        default: nil
        }
    }

    private var colourOffset: Int? {
        switch number {
        case 2: 20
        case 3, 5: 28
        case 7, 8, 10: 30
        default: nil
        }
    }

    /// The field of the classification.
    var classification: RecordField {
        isExtended
            ? RecordField(name: "classification", type: .uint8, offset: 16)
            : RecordField(name: "classification", type: .uint8, offset: 15, bits: 0..<5)
    }

    /// Lists the fields of a point; coordinates are scaled and shifted as the header states.
    func fields(scale: SIMD3<Double>, offset: SIMD3<Double>) -> [RecordField] {
        var fields: [RecordField] = []
        func add(
            _ name: String, _ type: ScalarType, _ offset: Int, _ bits: Range<Int>? = nil,
            scale: Double = 1
        ) {
            fields.append(
                RecordField(name: name, type: type, offset: offset, bits: bits, scale: scale))
        }
        for (axis, name) in ["x", "y", "z"].enumerated() {
            fields.append(
                RecordField(
                    name: name, type: .int32, offset: 4 * axis, scale: scale[axis],
                    shift: offset[axis]))
        }
        add("intensity", .uint16, 12)
        fields.append(classification)
        if isExtended {
            add("return-number", .uint8, 14, 0..<4)
            add("return-count", .uint8, 14, 4..<8)
            for (bit, name) in ["synthetic", "key-point", "withheld", "overlap"].enumerated() {
                add(name, .uint8, 15, bit..<bit + 1)
            }
            add("scanner-channel", .uint8, 15, 4..<6)
            add("scan-direction", .uint8, 15, 6..<7)
            add("edge-of-flight-line", .uint8, 15, 7..<8)
            add("user-data", .uint8, 17)
            // The formats of LAS 1.4 store the angle in steps of 0.006 degrees instead of degrees.
            add("scan-angle", .int16, 18, scale: 0.006)
            add("point-source", .uint16, 20)
        } else {
            add("return-number", .uint8, 14, 0..<3)
            add("return-count", .uint8, 14, 3..<6)
            add("scan-direction", .uint8, 14, 6..<7)
            add("edge-of-flight-line", .uint8, 14, 7..<8)
            for (bit, name) in ["synthetic", "key-point", "withheld"].enumerated() {
                add(name, .uint8, 15, bit + 5..<bit + 6)
            }
            add("scan-angle", .int8, 16)
            add("user-data", .uint8, 17)
            add("point-source", .uint16, 18)
        }
        if let at = timeOffset { add("gps-time", .float64, at) }
        if let at = colourOffset {
            for (place, name) in ["red", "green", "blue"].enumerated() {
                add(name, .uint16, at + 2 * place)
            }
        }
        if number == 8 || number == 10 { add("near-infrared", .uint16, 36) }
        return fields
    }

    /// Fields that are read only if a recipe names them.
    package static let unusual: Set<String> = [
        "synthetic", "key-point", "withheld", "overlap", "scanner-channel", "scan-direction",
        "edge-of-flight-line", "user-data", "scan-angle", "point-source", "gps-time",
    ]
}
