import Archives

/// Where each chunk of a LAZ file stands and how many points it has.
struct LAZChunkTable: Sendable, Equatable {
    /// Points of each chunk.
    private(set) var points: [Int] = []
    /// Bytes of each chunk.
    private(set) var bytes: [Int] = []
    /// The number of each chunk's first point, and one behind the last.
    private(set) var firstPoints: [Int] = [0]
    /// The byte of the file at which each chunk begins, and one behind the last.
    private(set) var starts: [Int]
    /// The byte of the file behind a table that has been read.
    private(set) var end = 0

    /// A table of chunks behind `start`, none yet.
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
    ///   - offset: where the point data begin: with the table's place.
    ///   - count: points of the file.
    ///   - recordLength: bytes of a point; every chunk holds at least one as it is.
    init(
        of file: InputFile, at offset: Int, layout: LAZLayout, count: Int, recordLength: Int
    ) throws {
        self.init(start: offset + 8)
        var head = ByteCursor(
            try file.bytes(offset..<min(offset + 8, file.size)), of: file, at: offset)
        var place = Int64(bitPattern: try head.integer("the place of the chunks") as UInt64)
        end = file.size
        let isStreamed = place == -1
        if isStreamed, file.size >= 8 {
            // Written to a stream that cannot go back: the place stands at the end.
            var tail = ByteCursor(
                try file.bytes(file.size - 8..<file.size), of: file, at: file.size - 8)
            place = Int64(bitPattern: try tail.integer("the place of the chunks") as UInt64)
        }
        guard let at = Int(exactly: place), at >= offset + 8, at <= file.size - 8 else {
            throw file.damaged(
                at: offset,
                "has its list of chunks at byte \(place), where it cannot be: it may "
                    + "never have been finished")
        }
        var cursor = ByteCursor(try file.bytes(at..<at + 8), of: file, at: at)
        guard try cursor.integer("the list of chunks") as UInt32 == 0 else {
            throw file.damaged(at: at, "has no list of chunks where it should be")
        }
        let chunks = Int(try cursor.integer("the list of chunks") as UInt32)
        guard chunks <= (at - offset - 8) / recordLength else {
            throw file.damaged(at: at + 4, "declares \(chunks) chunks")
        }
        let packed = try file.bytes(at + 8..<file.size)
        let length = try read(packed, chunks, layout, count, of: file, at: at)
        // What a stream's writer left at the end is not kept.
        if !isStreamed { end = at + 8 + length }
        guard starts[chunks] == at, firstPoints[chunks] == count else {
            throw file.damaged(
                at: at,
                "lists chunks of \(firstPoints[chunks]) points up to byte "
                    + "\(starts[chunks]), but has \(count) points up to byte \(at)")
        }
    }

    /// Reads the chunks' sizes and says how many bytes they take.
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
            guard points > 0, !decoder.isDamaged else {
                throw file.damaged(at: offset, "has a damaged list of chunks")
            }
            add(points: points, bytes: Int(UInt32(bitPattern: last.bytes)))
        }
        return decoder.position
    }

    /// The table as it stands in a file.
    func written(_ layout: LAZLayout) -> [UInt8] {
        var written: [UInt8] = []
        written.append(word: 0)
        written.append(word: UInt32(points.count))
        guard !points.isEmpty else { return written }
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
        return written + encoder.finish()
    }
}
