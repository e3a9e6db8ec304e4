import ZipArchives

/// Extra bytes of LAS points, as the record `LASF_Spec` 4 describes them.
enum LASExtraBytes {
    /// User id and number of the record.
    static let user = "LASF_Spec"
    static let number = 4

    private static let descriptorSize = 192
    private static let types: [ScalarType] = [
        .uint8, .int8, .uint16, .int16, .uint32, .int32, .uint64, .int64, .float32, .float64,
    ]

    /// Reads the fields that the record describes; the first is `start` bytes into a point.
    ///
    /// Bytes without a description become no field. Names that collide with those of `known` get a
    /// suffix.
    static func fields(
        _ record: [UInt8], of file: InputFile, at offset: Int, from start: Int, recordLength: Int,
        besides known: [String]
    ) throws -> [RecordField] {
        guard record.count % descriptorSize == 0 else {
            throw file.damaged(
                at: offset,
                "describes its extra bytes in \(record.count) bytes, which is not a "
                    + "multiple of \(descriptorSize)")
        }
        var fields: [RecordField] = []
        var place = start
        for index in 0..<record.count / descriptorSize {
            let at = offset + index * descriptorSize
            let bytes = Array(record[index * descriptorSize..<(index + 1) * descriptorSize])
            var cursor = ByteCursor(bytes, of: file, at: at)
            try cursor.skip(to: at + 2, "extra bytes")
            let type = Int(try cursor.integer("extra bytes") as UInt8)
            let options: UInt8 = try cursor.integer("extra bytes")
            let name = try cursor.text(32, "extra bytes")
            try cursor.skip(to: at + 112, "extra bytes")
            let scales = try (0..<3).map { _ in try cursor.double("extra bytes") }
            let shifts = try (0..<3).map { _ in try cursor.double("extra bytes") }
            if type == 0 {
                // Type 0 stands for undescribed bytes; the options field is their number.
                place += Int(options)
                continue
            }
            // Types 1 to 10 are single numbers; 11 to 20 are pairs and 21 to 30 triples of them,
            // which the specification deprecates.
            guard type <= 30 else {
                throw file.damaged(at: at + 2, "has extra bytes of type \(type)")
            }
            let scalar = types[(type - 1) % 10]
            let copies = (type - 1) / 10 + 1
            for copy in 0..<copies {
                let scale = options & 8 != 0 ? scales[copy] : 1
                let shift = options & 16 != 0 ? shifts[copy] : 0
                // A scale that is not finite yields values that are not finite, which are rejected
                // if they are used.
                fields.append(
                    RecordField(
                        name: copies == 1 ? name : "\(name)[\(copy)]", type: scalar, offset: place,
                        scale: scale, shift: shift))
                place += scalar.size
            }
        }
        guard place <= recordLength else {
            throw file.damaged(
                at: offset,
                "describes \(place - start) extra bytes, but its points have "
                    + "\(recordLength - start)")
        }
        return distinct(fields, besides: known)
    }

    /// Makes the names of fields unique.
    private static func distinct(
        _ fields: [RecordField], besides known: [String]
    ) -> [RecordField] {
        var names = Set(known)
        return fields.map { field in
            var field = field
            var name = field.name.isEmpty ? "extra" : field.name
            while !names.insert(name).inserted { name += "-extra" }
            field.name = name
            return field
        }
    }
}
