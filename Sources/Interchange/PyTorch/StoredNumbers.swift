import Checkpoints
import Tensors

extension StoredTensor {
    /// Gathers the numbers of a view from the bytes of its storage and converts them to Float32.
    func tensor(of bytes: [UInt8], type: SafetensorsType) -> Tensor {
        let rows = shape.count > 1 ? shape[0] : 1
        let columns = shape.count > 1 ? shape.dropFirst().reduce(1, *) : shape.first ?? 1
        return Tensor(rows: rows, columns: columns) { values in
            func gather(_ convert: (UInt64) -> Float) {
                self.gather(bytes.span, size: type.size, into: &values, convert)
            }
            switch type {
            case .float32: gather { Float(bitPattern: UInt32(truncatingIfNeeded: $0)) }
            case .float16: gather { Float(Float16(bitPattern: UInt16(truncatingIfNeeded: $0))) }
            case .bfloat16: gather { Float(bitPattern: UInt32(truncatingIfNeeded: $0) << 16) }
            case .float64: gather { Float(Double(bitPattern: $0)) }
            case .int64: gather { Float(Int64(bitPattern: $0)) }
            case .int32: gather { Float(Int32(truncatingIfNeeded: $0)) }
            case .int16: gather { Float(Int16(truncatingIfNeeded: $0)) }
            case .int8: gather { Float(Int8(truncatingIfNeeded: $0)) }
            case .bool: gather { $0 == 0 ? 0 : 1 }
            case .uint8, .uint16, .uint32, .uint64: gather { Float($0) }
            }
        }
    }

    /// Visits the numbers of a view in row-major order; `convert` receives their bits.
    private func gather(
        _ bytes: Span<UInt8>, size: Int, into values: inout MutableSpan<Float>,
        _ convert: (UInt64) -> Float
    ) {
        func number(_ position: Int) -> Float {
            var bits: UInt64 = 0
            for byte in 0..<size {
                bits |= UInt64(bytes[position * size + byte]) << UInt64(8 * byte)
            }
            return convert(bits)
        }
        if isContiguous {
            for index in values.indices { values[index] = number(offset + index) }
            return
        }
        // An odometer over the indices instead of a division per number.
        var position = offset
        var index = [Int](repeating: 0, count: shape.count)
        for target in values.indices {
            values[target] = number(position)
            for axis in shape.indices.reversed() {
                index[axis] += 1
                position += strides[axis]
                if index[axis] < shape[axis] { break }
                position -= strides[axis] * shape[axis]
                index[axis] = 0
            }
        }
    }
}
