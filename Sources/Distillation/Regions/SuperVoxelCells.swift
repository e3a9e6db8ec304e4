import Tensors

/// Voxel and super-voxel of each point of a cloud.
///
/// No library function decides on which side of a border a point lies (angles are compared, not
/// computed), so every host computes the same cells.
struct SuperVoxelCells {
    /// One number per point, ordered by super-voxel and within it by voxel.
    ///
    /// Points of one voxel have the same number.
    private(set) var keys: [Int] = []
    /// The maximum number of voxels of a super-voxel.
    private let volume: Int
    /// The number of super-voxels in each direction.
    private let extent: SIMD3<Int>
    private let reach: (SIMD3<Int>) -> Double

    /// The cells of a cloud's points.
    init(_ positions: ArraySlice<SIMD3<Float>>, grid: SuperVoxelGrid) {
        let bounds = Bounds(positions)
        switch grid {
        case .cylindrical(let cells, let span):
            let cylinder = Cylinder(cells: cells, positions: positions, bounds: bounds)
            volume = span.x * span.y * span.z
            extent = (cells &+ span &- 1) / span
            reach = { superVoxel in
                min(Double((superVoxel.x + 1) * span.x) / Double(cells.x), 1)
            }
            keys = positions.map { key(of: cylinder.cell(of: SIMD3<Double>($0)), span) }
        case .cubic(let side, let division):
            let voxel = side / Double(division)
            let span = SIMD3(repeating: division)
            let size = bounds.greatest - bounds.least
            volume = division * division * division
            extent = SIMD3(size.map { Int(min($0 / side, Self.most)) + 1 })
            reach = { superVoxel in
                let radius = (size.x * size.x + size.y * size.y).squareRoot() / 2
                let low = SIMD3<Double>(superVoxel) * side - size / 2
                let x = max(abs(low.x), abs(low.x + side))
                let y = max(abs(low.y), abs(low.y + side))
                return radius > 0 ? min((x * x + y * y).squareRoot() / radius, 1) : 1
            }
            let last = extent &* span &- 1
            keys = positions.map { position in
                let place = (SIMD3<Double>(position) - bounds.least) / voxel
                let cell = SIMD3(place.map { Int(min($0, Self.most * Double(division))) })
                // Rounding may place the farthest point beyond the last cell.
                return key(of: pointwiseMin(cell, last), span)
            }
        }
    }

    /// The limit of super-voxels in each direction; three such numbers fit a key.
    private static let most = 0x1p16

    private func key(of cell: SIMD3<Int>, _ span: SIMD3<Int>) -> Int {
        let superVoxel = cell / span
        let within = cell &- superVoxel &* span
        let place = (superVoxel.x * extent.y + superVoxel.y) * extent.z + superVoxel.z
        return place * volume + (within.x * span.y + within.y) * span.z + within.z
    }

    /// The super-voxel of a point's key; super-voxels are numbered from 0 up, with gaps.
    func superVoxel(of key: Int) -> Int { key / volume }

    /// The distance of a super-voxel's farthest edge, as a share of the scene's radius, from 0 to 1.
    ///
    /// The distance is horizontal, from the sensor (cylindrical) or from the centre of the bounding box
    /// (cubic).
    func reach(ofSuperVoxel superVoxel: Int) -> Double {
        let (xy, z) = superVoxel.quotientAndRemainder(dividingBy: extent.z)
        return reach(SIMD3(xy / extent.y, xy % extent.y, z))
    }
}

extension SIMD3 {
    fileprivate func map<T: SIMDScalar>(_ change: (Scalar) -> T) -> [T] {
        [change(x), change(y), change(z)]
    }
}

private struct Bounds {
    var least = SIMD3<Double>()
    var greatest = SIMD3<Double>()

    init(_ positions: ArraySlice<SIMD3<Float>>) {
        guard let first = positions.first else { return }
        let (low, high) = positions.reduce((first, first)) {
            (pointwiseMin($0.0, $1), pointwiseMax($0.1, $1))
        }
        least = SIMD3<Double>(low)
        greatest = SIMD3<Double>(high)
    }
}

/// Smallest upright cylinder about the origin that holds a cloud.
private struct Cylinder {
    let cells: SIMD3<Int>
    let radius: Double
    let floor: Double
    let height: Double
    /// The beginning of each sector, in the measure of ``turn(_:_:)``.
    let sectors: [Double]

    init(cells: SIMD3<Int>, positions: ArraySlice<SIMD3<Float>>, bounds: Bounds) {
        self.cells = cells
        radius = positions.reduce(0) { max($0, Self.squares(SIMD3<Double>($1))) }.squareRoot()
        floor = bounds.least.z
        height = bounds.greatest.z - bounds.least.z
        // The borders come from our own sine and cosine, which are identical on every host.
        sectors = (0..<cells.y).map { sector in
            let turns = Double(sector) / Double(cells.y)
            return Self.turn(cosine(turns: turns), sine(turns: turns))
        }
    }

    private static func squares(_ position: SIMD3<Double>) -> Double {
        position.x * position.x + position.y * position.y
    }

    func cell(of position: SIMD3<Double>) -> SIMD3<Int> {
        let ring = place(Self.squares(position).squareRoot(), of: radius, among: cells.x)
        let layer = place(position.z - floor, of: height, among: cells.z)
        let turn = Self.turn(position.x, position.y)
        // By comparison with the sectors' borders: atan2 differs between C libraries in its last bits.
        var (low, high) = (0, cells.y)  // sectors[low] <= turn < sectors[high]
        while high - low > 1 {
            let middle = (low + high) / 2
            if sectors[middle] <= turn { low = middle } else { high = middle }
        }
        return SIMD3(ring, low, layer)
    }

    private func place(_ length: Double, of whole: Double, among cells: Int) -> Int {
        // The farthest point lies on the outer border and belongs to the last cell.
        whole > 0 ? min(Int(length / whole * Double(cells)), cells - 1) : 0
    }

    /// A monotone measure of the angle from x towards y, 0 ..< 4 for a whole turn.
    private static func turn(_ x: Double, _ y: Double) -> Double {
        let whole = abs(x) + abs(y)
        guard whole > 0 else { return 0 }
        let part = y / whole
        return x < 0 ? 2 - part : y < 0 ? 4 + part : part
    }
}
