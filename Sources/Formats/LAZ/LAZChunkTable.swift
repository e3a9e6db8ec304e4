import ZipArchives

/// Locations and sizes of the chunks of a LAZ file.
struct LAZChunkTable: Sendable, Equatable {
    /// Number of points by chunk.
    private(set) var points: [Int] = []
    /// Number of bytes by chunk.
    private(set) var bytes: [Int] = []
    /// Number of the first point by chunk, and the number of all points.
    private(set) var firstPoints: [Int] = [0]
    /// Offset in the file by chunk, and the offset after the last chunk.
    private(set) var starts: [Int]
    /// Bytes of the file behind a table that has been read.
    private(set) var rest = 0..<0

    // Writers that end a chunk before they know whether a point follows leave a last one without
    // points. A table of them takes almost no bytes, so their number needs a limit of its own.
    private static let mostEmptyChunks = 4096

    /// Creates an empty table of chunks that begin at `start`.
    init(start: Int) { starts = [start] }

    /// Adds a chunk.
    mutating func add(points: Int, bytes: Int) {
        self.points.append(points)
        self.bytes.append(bytes)
        firstPoints.append(firstPoints[firstPoints.count - 1] + points)
        starts.append(starts[starts.count - 1] + bytes)
    }

    /// Reads a file's table.
    ///
    /// - Parameters:
    ///   - offset: offset of the point data, which begin with the offset of the table.
    ///   - count: number of points of the file.
    ///   - recordLength: size of a point; every chunk that has points stores an uncompressed one.
    ///   - following: offsets of structures that may follow the table.
    init(
        of file: InputFile, at offset: Int, layout: LAZLayout, count: Int, recordLength: Int,
        following: [Int] = []
    ) throws {
        self.init(start: offset + 8)
        var head = ByteCursor(
            try file.bytes(offset..<min(offset + 8, file.size)), of: file, at: offset)
        var tableOffset = Int64(
            bitPattern: try head.integer("the offset of the chunk table") as UInt64)
        let isStreamed = tableOffset == -1
        if isStreamed, file.size >= 8 {
            // A writer to a stream cannot seek back, so it appends the offset to the file.
            var tail = ByteCursor(
                try file.bytes(file.size - 8..<file.size), of: file, at: file.size - 8)
            tableOffset = Int64(
                bitPattern: try tail.integer("the offset of the chunk table") as UInt64)
        }
        guard let at = Int(exactly: tableOffset), at >= offset + 8, at <= file.size - 8 else {
            throw file.damaged(
                at: offset,
                "has its chunk table at byte \(tableOffset), outside the file: it may be incomplete"
            )
        }
        var cursor = ByteCursor(try file.bytes(at..<at + 8), of: file, at: at)
        guard try cursor.integer("the chunk table") as UInt32 == 0 else {
            throw file.damaged(at: at, "has a chunk table of an unknown version")
        }
        let chunks = Int(try cursor.integer("the chunk table") as UInt32)
        guard chunks <= (at - offset - 8) / recordLength + Self.mostEmptyChunks else {
            throw file.damaged(at: at + 4, "declares \(chunks) chunks")
        }
        let packed = try file.bytes(at + 8..<file.size)
        let length = try read(packed, chunks, layout, count, of: file, at: at)
        // The decoder reads ahead, so its position can lie beyond the table, inside what follows.
        let end = following.filter { $0 >= at + 8 }.reduce(at + 8 + length, min)
        // The offset that a stream's writer appended is not part of the remainder.
        let last = isStreamed ? file.size - 8 : file.size
        rest = min(end, last)..<last
        guard starts[chunks] == at, firstPoints[chunks] == count else {
            throw file.damaged(
                at: at,
                "lists chunks with \(firstPoints[chunks]) points up to byte "
                    + "\(starts[chunks]), but has \(count) points up to byte \(at)")
        }
    }

    /// Reads the sizes of chunks and returns the number of bytes read.
    private mutating func read(
        _ packed: [UInt8], _ chunks: Int, _ layout: LAZLayout, _ count: Int, of file: InputFile,
        at offset: Int
    ) throws -> Int {
        guard chunks > 0 else { return 0 }
        var decoder = ArithmeticDecoder(packed, packed.indices)
        var integers = IntegerCoder(bits: 32, contexts: 2, decodes: true)
        var last: (points: Int32, bytes: Int32) = (0, 0)
        for _ in 0..<chunks {
            var points = 0
            if let size = layout.chunkSize {
                points = min(size, count - firstPoints[firstPoints.count - 1])
            } else {
                last.points = integers.code(0, predicted: last.points, context: 0, with: &decoder)
                points = Int(UInt32(bitPattern: last.points))
            }
            last.bytes = integers.code(0, predicted: last.bytes, context: 1, with: &decoder)
            guard !decoder.isDamaged else {
                throw file.damaged(at: offset, "has a damaged chunk table")
            }
            add(points: points, bytes: Int(UInt32(bitPattern: last.bytes)))
        }
        return decoder.position
    }

    /// Encodes the table.
    func encoded(_ layout: LAZLayout) -> [UInt8] {
        var header: [UInt8] = []
        header.append(word: 0)
        header.append(word: UInt32(points.count))
        guard !points.isEmpty else { return header }
        var encoder = ArithmeticEncoder()
        var integers = IntegerCoder(bits: 32, contexts: 2, decodes: false)
        var last: (points: Int32, bytes: Int32) = (0, 0)
        for chunk in points.indices {
            if layout.chunkSize == nil {
                let points = Int32(truncatingIfNeeded: points[chunk])
                last.points = integers.code(
                    points, predicted: last.points, context: 0, with: &encoder)
            }
            let bytes = Int32(truncatingIfNeeded: bytes[chunk])
            last.bytes = integers.code(bytes, predicted: last.bytes, context: 1, with: &encoder)
        }
        return header + encoder.finish()
    }
}
