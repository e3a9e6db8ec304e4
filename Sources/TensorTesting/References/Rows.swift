package import Tensors

extension Matrix64 {
    /// The reference of `gatherRows(_:)`.
    package func gatherRows(_ index: [Int32]) -> Matrix64 {
        Matrix64(rows: index.count, columns: columns) { self[Int(index[$0]), $1] }
    }

    /// The reference of `segmentMax(_:)`.
    package func segmentMax(_ segments: Segments) -> Matrix64 {
        Matrix64(rows: segments.count, columns: columns) { segment, column in
            segments[members: segment].map { self[Int($0), column] }.max() ?? 0
        }
    }

    /// The reference of `segmentMean(_:)`.
    package func segmentMean(_ segments: Segments) -> Matrix64 {
        Matrix64(rows: segments.count, columns: columns) { segment, column in
            let members = segments[members: segment]
            let sum = members.reduce(0) { $0 + self[Int($1), column] }
            return sum / Double(max(members.count, 1))
        }
    }

    /// The reference of `columns(_:)`.
    package func columns(_ range: Range<Int>) -> Matrix64 {
        Matrix64(rows: rows, columns: range.count) { self[$0, range.lowerBound + $1] }
    }

    /// The reference of `rows(_:)`.
    package func rows(_ range: Range<Int>) -> Matrix64 {
        Matrix64(rows: range.count, columns: columns) { self[range.lowerBound + $0, $1] }
    }

    /// The reference of `concatenatedColumns(with:)`.
    package func concatenatedColumns(with other: Matrix64) -> Matrix64 {
        Matrix64(rows: rows, columns: columns + other.columns) {
            $1 < columns ? self[$0, $1] : other[$0, $1 - columns]
        }
    }
}

extension Segments {
    /// The rows of a segment.
    package subscript(members segment: Int) -> ArraySlice<Int32> {
        members[Int(starts[segment])..<Int(starts[segment + 1])]
    }

    /// The grouping of rows by the number of their segment.
    package init(segmentOfRow: [Int32], count: Int) {
        var members = [[Int32]](repeating: [], count: count)
        for (row, segment) in segmentOfRow.enumerated() {
            members[Int(segment)].append(Int32(row))
        }
        var starts: [Int32] = [0]
        for list in members { starts.append(starts[starts.count - 1] + Int32(list.count)) }
        self.init(
            starts: starts, members: members.flatMap { $0 }, segmentOfRow: segmentOfRow)
    }
}
