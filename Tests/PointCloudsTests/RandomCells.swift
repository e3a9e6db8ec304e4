import PointClouds
import Tensors

/// Distinct cells of a cube with `side` cells a side, in no order.
func randomCells(_ count: Int, side: Int, seed: UInt64) -> [SIMD3<Int32>] {
    var generator = CounterGenerator(seed: seed, purpose: .init("cells"))
    var seen: Set<SIMD3<Int32>> = []
    var cells: [SIMD3<Int32>] = []
    while cells.count < count {
        let cell = SIMD3<Int32>(
            Int32(generator.index(below: side)), Int32(generator.index(below: side)),
            Int32(generator.index(below: side)))
        if seen.insert(cell).inserted { cells.append(cell) }
    }
    return cells
}

/// Points around the sensor as a scan has them: ground, walls, and a few that fly; metres.
func randomCloud(_ count: Int, seed: UInt64) -> Cloud {
    var generator = CounterGenerator(seed: seed, purpose: .init("cloud"))
    var positions: [SIMD3<Float>] = []
    for index in 0..<count {
        let x = generator.uniform(in: -20...20)
        let y = generator.uniform(in: -20...20)
        let z = generator.uniform(in: -0.1...0.1)
        switch index % 4 {
        case 0: positions.append(SIMD3(x, 12 + z, generator.uniform(in: 0...4)))
        case 1: positions.append(SIMD3(x, y, generator.uniform(in: -2...4)))
        default: positions.append(SIMD3(x, y, -1.7 + z))
        }
    }
    return Cloud(
        positions: positions,
        channels: [
            .init(name: "intensity", values: positions.map { _ in generator.uniform() }),
            .init(
                name: "colour", width: 3,
                values: (0..<3 * count).map { _ in generator.uniform() }),
        ],
        labels: positions.map { _ in Int32(generator.index(below: 5)) - 1 })
}
