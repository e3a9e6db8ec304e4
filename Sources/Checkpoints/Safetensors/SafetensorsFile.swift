package import Files
package import Tensors

/// A safetensors file that is open for reading: named tensors of various types.
///
/// Opening reads and checks only the header; values are read on request, directly into the tensor's
/// memory. Several threads may use a file at once. Errors are ``FileError``s that name the file,
/// the tensor and the byte.
package struct SafetensorsFile: Sendable {
    /// The file's path.
    package let path: String
    /// The texts in `__metadata__`.
    package let metadata: [String: String]
    /// The tensors in the order of their bytes.
    package let entries: [SafetensorsEntry]

    private let file: any ReadableFile
    private let places: [String: Int]

    /// Opens a file and checks its header.
    package init(_ path: String, in fileSystem: any FileSystem = LocalFileSystem()) throws {
        try self.init(file: try fileSystem.open(path), path: path)
    }

    /// Reads a file in memory; `name` is its name in errors.
    package init(bytes: [UInt8], name: String) throws {
        try self.init(file: MemoryFile(path: name, contents: bytes), path: name)
    }

    init(file: any ReadableFile, path: String) throws {
        let header = try SafetensorsHeader(of: file, path: path)
        self.path = path
        self.file = file
        metadata = header.metadata
        entries = header.entries
        places = Dictionary(
            uniqueKeysWithValues: entries.enumerated().map { ($0.element.name, $0.offset) })
    }

    /// The names of the tensors in the order of their bytes.
    package var names: [String] { entries.map(\.name) }

    /// Whether the file has a tensor of this name.
    package func contains(_ name: String) -> Bool { places[name] != nil }

    /// The header's entry of a tensor.
    package func entry(_ name: String) throws -> SafetensorsEntry {
        guard let place = places[name] else {
            throw FileError(path, "has no tensor called “\(name)”")
        }
        return entries[place]
    }

    /// The shape of a tensor.
    package func shape(_ name: String) throws -> [Int] { try entry(name).shape }

    /// The type of a tensor's values.
    package func type(_ name: String) throws -> SafetensorsType { try entry(name).type }
}

// MARK: - Floating-point numbers

extension SafetensorsFile {
    /// Reads a tensor of floating-point values: F16 and BF16 are widened, F64 is rounded.
    ///
    /// The first of several dimensions becomes rows, the others columns. A vector becomes one row,
    /// a scalar 1 x 1.
    package func tensor(_ name: String) throws -> Tensor {
        let entry = try entry(name)
        if entry.type == .float16 {
            return try .fromHalves(rows: entry.rows, columns: entry.columns) { halves in
                var bytes = unsafe halves.mutableBytes
                try file.read(into: &bytes, at: entry.range.lowerBound)
            }
        }
        return try Tensor(rows: entry.rows, columns: entry.columns) { values in
            switch entry.type {
            case .float32:
                var bytes = unsafe values.mutableBytes
                try file.read(into: &bytes, at: entry.range.lowerBound)
            case .bfloat16:
                try forEach(UInt16.self, of: entry) {
                    values[$0] = Float(bitPattern: UInt32($1) << 16)
                }
            case .float64:
                try forEach(UInt64.self, of: entry) { values[$0] = Float(Double(bitPattern: $1)) }
            default: throw mismatch(entry, "floating-point numbers")
            }
        }
    }

    /// Reads a tensor with its name and shape.
    ///
    /// Integers, such as the batch counters of public checkpoints, become the nearest Float32.
    package func namedTensor(_ name: String) throws -> NamedTensor {
        let entry = try entry(name)
        let tensor =
            switch entry.type {
            case .float16, .bfloat16, .float32, .float64: try tensor(name)
            default:
                Tensor(
                    rows: entry.rows, columns: entry.columns,
                    try integers(name, as: Int64.self).map { Float($0) })
            }
        return NamedTensor(name: name, shape: entry.shape, tensor: tensor)
    }

    /// Reads all tensors in the order of their bytes.
    package func weights() throws -> Weights {
        Weights(try names.map { try namedTensor($0) })
    }

    /// Reads the floating-point values of a tensor in double precision, row by row.
    package func float64s(_ name: String) throws -> [Double] {
        let entry = try entry(name)
        guard entry.type == .float64 else { return try tensor(name).values.map(Double.init) }
        return try numbers(UInt64.self, of: entry) { bits, _ in Double(bitPattern: bits) }
    }
}

// MARK: - Integers and Booleans

extension SafetensorsFile {
    /// Reads the integers or Booleans (0 and 1) of a tensor, row by row, as the given type.
    ///
    /// Throws ``FileError`` for the first value that does not fit.
    package func integers<Number: FixedWidthInteger>(
        _ name: String, as type: Number.Type
    ) throws -> [Number] {
        let entry = try entry(name)
        func read<Stored: FixedWidthInteger & BitwiseCopyable>(
            _: Stored.Type
        ) throws -> [Number] {
            try numbers(Stored.self, of: entry) { stored, index in
                guard let number = Number(exactly: stored) else {
                    throw FileError(
                        path, tensor: name, at: entry.range.lowerBound + index * entry.type.size,
                        "holds \(stored), which does not fit where \(Number.self) is wanted")
                }
                return number
            }
        }
        switch entry.type {
        case .bool: return try bools(name).map { $0 ? 1 : 0 }
        case .uint8: return try read(UInt8.self)
        case .int8: return try read(Int8.self)
        case .uint16: return try read(UInt16.self)
        case .int16: return try read(Int16.self)
        case .uint32: return try read(UInt32.self)
        case .int32: return try read(Int32.self)
        case .uint64: return try read(UInt64.self)
        case .int64: return try read(Int64.self)
        default: throw mismatch(entry, "whole numbers")
        }
    }

    /// Reads integers as 64 bits, row by row.
    package func int64s(_ name: String) throws -> [Int64] { try integers(name, as: Int64.self) }

    /// Reads integers as 32 bits, row by row; wider types are accepted if their values fit.
    package func int32s(_ name: String) throws -> [Int32] { try integers(name, as: Int32.self) }

    /// Reads integers from 0 to 255, row by row; wider types are accepted if their values fit.
    package func uint8s(_ name: String) throws -> [UInt8] { try integers(name, as: UInt8.self) }

    /// Reads Booleans, row by row; throws for bytes other than 0 and 1.
    package func bools(_ name: String) throws -> [Bool] {
        let entry = try entry(name)
        guard entry.type == .bool else { throw mismatch(entry, "truth values") }
        return try numbers(UInt8.self, of: entry) { byte, index in
            guard byte <= 1 else {
                throw FileError(
                    path, tensor: name, at: entry.range.lowerBound + index,
                    "holds \(byte) where a truth value is 0 or 1")
            }
            return byte == 1
        }
    }
}

// MARK: - Bytes

extension SafetensorsFile {
    /// The digest of a tensor's bytes in the file.
    package func digest(of name: String) throws -> SHA256 {
        var hasher = SHA256.Hasher()
        let range = try entry(name).range
        var offset = range.lowerBound
        while offset < range.upperBound {
            let end = min(offset + 1 << 20, range.upperBound)
            hasher.update(try file.bytes(offset..<end))
            offset = end
        }
        return hasher.finalize()
    }

    private func mismatch(_ entry: SafetensorsEntry, _ wanted: String) -> FileError {
        FileError(
            path, tensor: entry.name, at: entry.range.lowerBound,
            "is of type \(entry.type.rawValue), where \(wanted) are wanted")
    }

    /// Calls `body` with index and bits of each value; reads 65,536 values at a time.
    private func forEach<Stored: FixedWidthInteger & BitwiseCopyable>(
        _: Stored.Type, of entry: SafetensorsEntry, _ body: (Int, Stored) throws -> Void
    ) throws {
        let size = MemoryLayout<Stored>.size
        var piece = [Stored](repeating: 0, count: min(entry.count, 1 << 16))
        var start = 0
        while start < entry.count {
            let count = min(piece.count, entry.count - start)
            if count < piece.count { piece = [Stored](repeating: 0, count: count) }
            do {
                var stored = piece.mutableSpan
                var bytes = unsafe stored.mutableBytes
                try file.read(into: &bytes, at: entry.range.lowerBound + start * size)
            }
            for index in 0..<count { try body(start + index, Stored(littleEndian: piece[index])) }
            start += count
        }
    }

    private func numbers<Stored: FixedWidthInteger & BitwiseCopyable, Number>(
        _: Stored.Type, of entry: SafetensorsEntry, _ convert: (Stored, Int) throws -> Number
    ) throws -> [Number] {
        var numbers: [Number] = []
        numbers.reserveCapacity(entry.count)
        try forEach(Stored.self, of: entry) { numbers.append(try convert($1, $0)) }
        return numbers
    }
}
