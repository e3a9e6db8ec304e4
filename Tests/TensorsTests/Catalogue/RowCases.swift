import TensorTesting
import Tensors

private let x = input(9, 18, seed: 41)
private let coarse = input(4, 18, seed: 42)
private let segments = Segments(segmentOfRow: [3, 0, 0, 1, 3, 3, 0, 1, 3], count: 4)
private let index: [Int32] = [8, 0, 0, 3, 8, 5, 1, 1, 1, 7, 2]

let rowCases: [OperationCase] = [
    OperationCase("GatherRows", inputs: [x], reference: { $0[0].gatherRows(index) }) {
        $0[0].gatherRows(index)
    },
    OperationCase(
        "GatherRows", "segments", inputs: [coarse],
        reference: { $0[0].gatherRows(segments.segmentOfRow) }
    ) { $0[0].gatherRows(segments: segments) },
    OperationCase("SegmentMax", inputs: [x], reference: { $0[0].segmentMax(segments) }) {
        $0[0].segmentMax(segments)
    },
    OperationCase("SegmentMean", inputs: [x], reference: { $0[0].segmentMean(segments) }) {
        $0[0].segmentMean(segments)
    },
    OperationCase("Columns", inputs: [x], reference: { $0[0].columns(3..<8) }) {
        $0[0].columns(3..<8)
    },
    OperationCase("Rows", inputs: [x], reference: { $0[0].rows(2..<6) }) { $0[0].rows(2..<6) },
    OperationCase(
        "ConcatenateColumns", inputs: [x, input(9, 5, seed: 43)],
        reference: { $0[0].concatenatedColumns(with: $0[1]) }
    ) { $0[0].concatenatedColumns(with: $0[1]) },
]
