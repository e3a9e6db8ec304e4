import TensorTesting
import Tensors

private let map = VoxelSheet(count: 14, seed: 51).map(size: 3)

/// Seven rows in two patches, the second filled up by a copy, and four in one.
private let plan = PatchPlan(
    rows: 11, starts: [0, 4, 8, 12], keys: [6, 2, 0, 5, 4, 1, 3, 5, 10, 7, 9, 8],
    queries: [4, 3, 4])

/// Cells whose coordinates are 0, small and in the thousands.
private let cells = (0..<9).map { (row: Int32) -> SIMD3<Int32> in
    let far: Int32 = row == 4 ? 65_535 : 0
    return SIMD3(row * row, 997 * row, far)
}

/// Positions at the origin, on either side of it and hundreds of metres away.
private let positions = (0..<9).map { row -> SIMD3<Float> in
    SIMD3(0.37 * Float(row), -1.9 * Float(row * row), row == 4 ? 812.25 : 0)
}

/// Of the order of those that released networks store; 10 turns a metre are the fastest.
private let frequencies: [Float] = [62.8, 2.9152, 0.1353]

let geometryCases: [OperationCase] = [
    OperationCase(
        "SubmanifoldConvolution",
        inputs: [
            input(14, 3, seed: 52), input(5, 27 * 3, seed: 53), input(1, 5, seed: 54),
        ],
        reference: { $0[0].submanifoldConvolution(weight: $0[1], bias: $0[2], map: map) }
    ) { $0[0].submanifoldConvolution(weight: $0[1], bias: $0[2], map: map) },
    OperationCase(
        "PatchAttention", inputs: [input(11, 3 * 10, seed: 55)], tolerance: 1e-5,
        reference: { $0[0].patchAttention(heads: 2, plan: plan) }
    ) { $0[0].patchAttention(heads: 2, plan: plan) },
    OperationCase(
        "Rotary", "heads of 18 channels", inputs: [input(9, 3 * 36, seed: 56)],
        reference: { $0[0].rotatingQueriesAndKeys(heads: 2, cells: cells, base: 100) }
    ) {
        $0[0].rotatingQueriesAndKeys(
            heads: 2, angles: RotaryAngles(cells: cells, base: 100, pairs: 3))
    },
    OperationCase(
        "Rotary", "heads of 6 channels", inputs: [input(9, 3 * 18, seed: 57)],
        reference: { $0[0].rotatingQueriesAndKeys(heads: 3, cells: cells, base: 10) }
    ) {
        $0[0].rotatingQueriesAndKeys(
            heads: 3, angles: RotaryAngles(cells: cells, base: 10, pairs: 1))
    },
    OperationCase(
        "Rotary", "positions in space", inputs: [input(9, 3 * 36, seed: 58)],
        reference: {
            $0[0].rotatingQueriesAndKeys(
                heads: 2, positions: positions.map { SIMD3<Double>($0) },
                frequencies: frequencies.map { Double($0) })
        }
    ) {
        $0[0].rotatingQueriesAndKeys(
            heads: 2, angles: RotaryAngles(positions: positions, frequencies: frequencies))
    },
]
