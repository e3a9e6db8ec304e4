import ZipArchives

/// The index of a Cloud Optimized Point Cloud (COPC 1.0): an octree whose nodes are chunks of the
/// file, listed with their offsets and sizes.
///
/// A copy whose chunks have other places or sizes needs new entries; readers of COPC would find no
/// points otherwise.
struct COPCIndex {
    private static let user = "copc"
    private static let infoNumber = 1
    private static let infoSize = 160
    private static let hierarchyNumber = 1000
    private static let entrySize = 32

    private let las: LASFile
    private let chunks: LAZChunkTable
    /// Chunks of the copy; as many as the original has.
    private let copied: LAZChunkTable
    /// Number of bytes by which everything behind the chunks moves.
    private let shift: Int

    /// Whether a file has records of an index.
    static func isPresent(in header: LASHeader) -> Bool { !records(of: header).isEmpty }

    /// Describes the chunks of a copy.
    init(of las: LASFile, _ chunks: LAZChunkTable, copied: LAZChunkTable, shift: Int) {
        self.las = las
        self.chunks = chunks
        self.copied = copied
        self.shift = shift
    }

    private static func records(of header: LASHeader) -> [LASHeader.Record] {
        header.records.filter {
            $0.user == user && [infoNumber, hierarchyNumber].contains($0.number)
        }
    }

    /// Moves the entries of the index to the copy's chunks; returns false if the original's index
    /// does not describe its chunks.
    func move(in copy: inout [UInt8]) -> Bool {
        let header = las.header
        // The specification puts the info record first, directly behind the header.
        guard let info = header.records.first, info.user == Self.user,
            info.number == Self.infoNumber, info.range.count == Self.infoSize,
            let old = try? las.file.all()
        else { return false }
        let chunkOfStart = Dictionary(
            chunks.points.indices.filter { chunks.points[$0] > 0 }
                .map { (UInt64(chunks.starts[$0]), $0) }
        ) { $1 }
        let bytes = old.span
        func word(_ offset: Int) -> UInt64 { littleEndianBits(bytes, at: offset, size: 8) }
        func number(_ offset: Int) -> Int {
            Int(Int32(truncatingIfNeeded: littleEndianBits(bytes, at: offset, size: 4)))
        }
        var written = copy.mutableSpan
        let root = info.range.lowerBound + 40
        var pages = [(offset: word(root), size: word(root + 8))]
        guard let start = moved(pages[0].offset, pages[0].size) else { return false }
        written.put(UInt64(start), at: root)
        var found: Set<Int> = []
        var seen: Set<UInt64> = [pages[0].offset]
        // Pages that overlap in a damaged file could otherwise be visited without end.
        var entriesLeft = old.count / Self.entrySize
        while let page = pages.popLast() {
            guard let target = moved(page.offset, page.size),
                Int(page.size) % Self.entrySize == 0,
                Int(page.size) / Self.entrySize <= entriesLeft
            else { return false }
            entriesLeft -= Int(page.size) / Self.entrySize
            for place in stride(from: 0, to: Int(page.size), by: Self.entrySize) {
                let at = Int(page.offset) + place
                let (offset, size, points) = (word(at + 16), number(at + 24), number(at + 28))
                if points > 0 {
                    guard let chunk = chunkOfStart[offset], chunks.points[chunk] == points,
                        chunks.bytes[chunk] == size,
                        let newSize = UInt32(exactly: copied.bytes[chunk])
                    else { return false }
                    found.insert(chunk)
                    written.put(UInt64(copied.starts[chunk]), at: target + place + 16)
                    written.put(newSize, at: target + place + 24)
                } else if points == -1 {
                    guard size > 0, let child = moved(offset, UInt64(size)),
                        seen.insert(offset).inserted
                    else { return false }
                    written.put(UInt64(child), at: target + place + 16)
                    pages.append((offset, UInt64(size)))
                } else if points < -1 {
                    return false
                }
            }
        }
        return found.count == chunkOfStart.count
    }

    /// Offset in the copy of bytes outside the chunks; nil if a range is not outside them.
    private func moved(_ offset: UInt64, _ size: UInt64) -> Int? {
        guard let start = Int(exactly: offset), let size = Int(exactly: size), size >= 0,
            start <= las.file.size, size <= las.file.size - start
        else { return nil }
        if start + size <= las.header.pointOffset { return start }
        return start >= chunks.rest.lowerBound ? start + shift : nil
    }

    /// Marks the records of the index as superseded, so that readers do not use them.
    func remove(from copy: inout [UInt8]) {
        let superseded = (user: "LASF_Spec", number: UInt16(7))
        var span = copy.mutableSpan
        for record in Self.records(of: las.header) {
            // Records that a damaged file places among its points are not copied with it.
            guard !record.isExtended || record.start >= chunks.rest.lowerBound else { continue }
            let start = record.start + (record.isExtended ? shift : 0)
            let name = Array(superseded.user.utf8)
            for place in 0..<16 { span[start + 2 + place] = place < name.count ? name[place] : 0 }
            span.put(superseded.number, at: start + 18)
        }
    }
}
