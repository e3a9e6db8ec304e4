package import Tensors

/// Writes NumPy arrays (`.npy`, version 1.0) atomically.
package enum NumPyWriter {
    /// Writes integers as int32.
    package static func write(_ numbers: [Int32], to path: String) throws {
        var bytes = header("<i4", shape: "(\(numbers.count),)")
        bytes.reserveCapacity(bytes.count + 4 * numbers.count)
        for number in numbers { bytes.append(word: UInt32(bitPattern: number)) }
        try DataFile.write(bytes, to: path)
    }

    /// Writes a matrix as float32.
    package static func write(_ tensor: Tensor, to path: String) throws {
        var bytes = header("<f4", shape: "(\(tensor.rows), \(tensor.columns))")
        bytes.reserveCapacity(bytes.count + 4 * tensor.count)
        tensor.withValues { values in
            for index in values.indices { bytes.append(word: values[index].bitPattern) }
        }
        try DataFile.write(bytes, to: path)
    }

    private static func header(_ type: String, shape: String) -> [UInt8] {
        var text = "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }"
        // The format requires that the data begin at a multiple of 64 bytes.
        let length = (10 + text.utf8.count + 1 + 63) / 64 * 64
        text += String(repeating: " ", count: length - 10 - text.utf8.count - 1) + "\n"
        let size = UInt16(text.utf8.count)
        return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(size & 0xFF), UInt8(size >> 8)]
            + Array(text.utf8)
    }
}
