import Tensors

/// Rectangles covered evenly with labelled points.
struct SurfaceCover {
    /// Side in metres of a square that contains three points on average.
    let spacing: Float
    private(set) var positions: [SIMD3<Float>] = []
    private(set) var labels: [Int32] = []

    init(spacing: Float) { self.spacing = spacing }

    /// Adds a room of 4 to 6 by 3.5 to 5 by 2.5 to 3 metres with twelve boxes in it.
    mutating func addRoom(random: inout CounterGenerator) {
        let size = SIMD3(
            random.uniform(in: 4...6), random.uniform(in: 3.5...5), random.uniform(in: 2.5...3))
        addBox(
            at: .zero, size: size, labels: (floor: 0, ceiling: 1, walls: 2), random: &random)
        for number in 0..<12 {
            let corner = SIMD3(
                random.uniform(in: 0...size.x - 1), random.uniform(in: 0...size.y - 1), 0)
            let extent = SIMD3(
                random.uniform(in: 0.3...1), random.uniform(in: 0.3...1),
                random.uniform(in: 0.3...1.4))
            let label = 3 + Int32(number % 10)
            addBox(
                at: corner, size: extent, labels: (floor: nil, ceiling: label, walls: label),
                random: &random)
        }
    }

    private mutating func addBox(
        at corner: SIMD3<Float>, size: SIMD3<Float>,
        labels: (floor: Int32?, ceiling: Int32, walls: Int32), random: inout CounterGenerator
    ) {
        let (x, y) = (SIMD3(size.x, 0, 0), SIMD3(0, size.y, 0))
        let z = SIMD3(0, 0, size.z)
        if let floor = labels.floor { add(corner, x, y, floor, &random) }
        add(corner + z, x, y, labels.ceiling, &random)
        for (origin, along) in [(corner, x), (corner + y, x), (corner, y), (corner + x, y)] {
            add(origin, along, z, labels.walls, &random)
        }
    }

    /// Adds a rectangle of two perpendicular sides.
    private mutating func add(
        _ origin: SIMD3<Float>, _ a: SIMD3<Float>, _ b: SIMD3<Float>, _ label: Int32,
        _ random: inout CounterGenerator
    ) {
        let area = (a.x + a.y + a.z) * (b.x + b.y + b.z)
        let roughness = spacing / 10
        for _ in 0..<Int(3 * area / (spacing * spacing)) {
            let place = origin + random.uniform() * a + random.uniform() * b
            let off = SIMD3(
                random.uniform(in: -roughness...roughness),
                random.uniform(in: -roughness...roughness),
                random.uniform(in: -roughness...roughness))
            positions.append(place + off)
            labels.append(label)
        }
    }

    /// Indices of the points nearest to one of them, in ascending order.
    func around(_ centre: Int, count: Int) -> [Int] {
        guard count < positions.count else { return Array(positions.indices) }
        let distances = positions.map { place in
            let way = place - positions[centre]
            return (way * way).sum()
        }
        let limit = Self.value(at: count - 1, of: distances)
        return Array(positions.indices.filter { distances[$0] <= limit }.prefix(count))
    }

    /// Selects the number of a rank among numbers that are not negative.
    ///
    /// Such numbers have the order of their bits. The upper 16 bits are found by counting, then the
    /// lower 16 among the numbers with these upper bits.
    // Takes a tenth of the time of sorting.
    private static func value(at rank: Int, of numbers: [Float]) -> Float {
        func digit(_ digits: some Sequence<Int>, at rank: Int) -> (digit: Int, rank: Int) {
            var counts = [Int](repeating: 0, count: 1 << 16)
            for digit in digits { counts[digit] += 1 }
            var (digit, left) = (0, rank)
            while left >= counts[digit] {
                left -= counts[digit]
                digit += 1
            }
            return (digit, left)
        }
        let (upper, left) = digit(numbers.lazy.map { Int($0.bitPattern >> 16) }, at: rank)
        let alike = numbers.lazy.map(\.bitPattern).filter { Int($0 >> 16) == upper }
        let (lower, _) = digit(alike.map { Int($0 & 0xffff) }, at: left)
        return Float(bitPattern: UInt32(upper << 16 | lower))
    }
}
