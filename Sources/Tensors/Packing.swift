internal import CKernels

/// The layout of a weight with which many rows are multiplied: strips of columns as wide as the
/// processor's registers allow.
struct Packing: Hashable {
    /// Columns of the rows that are multiplied.
    let inputs: Int
    /// Columns of the result.
    let outputs: Int
    /// Matrices side by side: the places of a convolution's kernel.
    let volume: Int
    /// Whether the layout is for backward: places in reverse, inputs and outputs exchanged.
    let isMirrored: Bool
    /// The precision of the products.
    let precision: ProductPrecision
    /// The width of the kernels that read the layout.
    let width = Kernels.width

    /// Whether a weight in this layout can be used in place of `wanted`; a frozen weight keeps its own
    /// precision.
    func serves(_ wanted: Packing) -> Bool {
        inputs == wanted.inputs && outputs == wanted.outputs && volume == wanted.volume
            && isMirrored == wanted.isMirrored && width == wanted.width
    }

    /// The number of values of a weight in this layout.
    var count: Int {
        precision == .bfloat16
            ? dj_packed_bfloat_count(inputs, outputs, volume)
            : dj_packed_count(inputs, outputs, volume)
    }

    func applied(to plain: Storage) -> Storage {
        precondition(
            plain.count == inputs * outputs * volume,
            "\(plain.count) weights for \(volume) times \(inputs) x \(outputs).")
        if precision == .bfloat16 {
            precondition(
                precision.isAvailable && !isMirrored,
                "bfloat16 is for frozen weights on processors with AVX512_BF16.")
            let packed = Storage(count: count, packing: self)
            unsafe dj_pack_bfloat(plain.base, inputs, outputs, volume, packed.base)
            return packed
        }
        let packed = Storage(count: count, packing: self)
        unsafe dj_pack(
            plain.base, inputs, outputs, volume, isMirrored ? 1 : 0, packed.base)
        return packed
    }
}

extension Tensor {
    /// The weight of a linear map (outputs x inputs) or of a convolution (outputs x (volume *
    /// inputs)) in the layout of products: a copy that is made once and kept with the weight.
    func packed(volume: Int = 1, mirrored: Bool = false) -> Storage {
        storage.packed(packing(volume: volume, mirrored: mirrored))
    }

    /// The same weight in the layout of forward products only, so that the weights of a frozen network
    /// are in memory once.
    ///
    /// Only linear maps, multi-layer perceptrons and convolutions can use it, and no gradient is
    /// propagated through it. `volume` is the number of places of a convolution's kernel.
    public func frozenForProducts(
        volume: Int = 1, precision: ProductPrecision = .float32
    ) -> Tensor {
        let packing = packing(volume: volume, mirrored: false, precision: precision)
        return Tensor(rows: rows, columns: columns, storage: packing.applied(to: storage))
    }

    /// The contents of the memory as one row; of a weight that is frozen for products, in their layout.
    public var laidOut: Tensor { Tensor(flat: storage) }

    /// A weight as ``frozenForProducts(volume:precision:)`` makes it, read in place from the caller's
    /// bytes; nil if their number differs or they are not aligned for Float32 values.
    public init?(
        rows: Int, columns: Int, frozenForProductsIn bytes: some LastingBytes, volume: Int = 1,
        precision: ProductPrecision = .float32
    ) {
        let packing = Packing(
            of: rows, columns, volume: volume, mirrored: false, precision: precision)
        guard let storage = Storage(readingIn: bytes, packing: packing),
            storage.count == packing.count
        else { return nil }
        self.init(rows: rows, columns: columns, storage: storage)
    }

    private func packing(
        volume: Int, mirrored: Bool, precision: ProductPrecision = .float32
    ) -> Packing {
        Packing(of: rows, columns, volume: volume, mirrored: mirrored, precision: precision)
    }
}

extension Packing {
    fileprivate init(
        of rows: Int, _ columns: Int, volume: Int, mirrored: Bool, precision: ProductPrecision
    ) {
        precondition(columns.isMultiple(of: volume), "\(columns) weights for \(volume) places.")
        let inputs = columns / volume
        self.init(
            inputs: mirrored ? rows : inputs, outputs: mirrored ? inputs : rows, volume: volume,
            isMirrored: mirrored, precision: precision)
    }
}

extension ProductPrecision {
    /// A checksum that identifies the layout of frozen weights in memory, which may differ between
    /// versions of this program and between processors.
    ///
    /// The precision must be available.
    public var layoutMark: Checksum64 {
        // Odd sizes: full and partial strips both contribute.
        let shapes = [(rows: 37, columns: 50, volume: 1), (rows: 21, columns: 27 * 19, volume: 27)]
        return Checksum64(
            shapes.map { rows, columns, volume in
                let numbered = Tensor(rows: rows, columns: columns) { values in
                    for place in values.indices { values[place] = Float(place) }
                }
                return numbered.frozenForProducts(volume: volume, precision: self).laidOut.checksum
            })
    }
}

extension Panel {
    /// Writes `added + factors (self W + bias)` over the rows of `result`, each row with a factor
    /// of its own.
    ///
    /// A row's bits do not depend on where it stands or on how many there are. `added` may be
    /// `result`, and its rows must lie as densely as it has columns.
    func multiply(
        by weight: Storage, bias: Tensor? = nil, factors: [Float]? = nil,
        addedTo added: Panel? = nil,
        into result: Panel
    ) {
        guard let packing = weight.packing else { preconditionFailure("The weight is not packed.") }
        precondition(
            columns == packing.inputs && result.columns == packing.outputs && packing.volume == 1
                && rows == result.rows && !isTransposed && !result.isTransposed,
            "Rows of \(columns) values for a weight of \(packing.inputs) x \(packing.outputs).")
        precondition(bias.map { $0.count == packing.outputs } ?? true, "One bias an output.")
        precondition(factors.map { $0.count == rows } ?? true, "One factor a row.")
        precondition(
            added.map {
                $0.rows == rows && $0.columns == result.columns && $0.stride == $0.columns
            } ?? true, "The summand has another shape.")
        let isHalved = packing.precision == .bfloat16
        // Rows can be divided at will, since no row's sum depends on the others.
        ThreadTeam.forRows(rows, operations: 2 * columns * result.columns) { some in
            let first = some.lowerBound
            let multiply = unsafe isHalved ? dj_multiply_rows_bfloat : dj_multiply_rows
            unsafe multiply(
                storage.base + offset + first * stride, some.count, columns, stride, weight.base,
                packing.outputs, bias?.storage.base, factors.map { Array($0[some]) },
                added.map { unsafe $0.storage.base + $0.offset + first * $0.stride },
                result.storage.base + result.offset + first * result.stride, result.stride)
        }
    }

    /// Writes `selfᵀ other` over `result`, or adds it: a sum over the rows of both, in their order.
    func multiplyTransposed(
        by other: Panel, into result: Panel, accumulating: Bool = false
    ) {
        precondition(
            rows == other.rows && result.rows == columns && result.columns == other.columns
                && !isTransposed && !other.isTransposed && !result.isTransposed,
            "A sum over rows of shapes \(rows) x \(columns) and \(other.rows) x "
                + "\(other.columns) is not of \(result.rows) x \(result.columns).")
        unsafe dj_multiply_transposed(
            storage.base + offset, columns, stride, other.storage.base + other.offset,
            other.columns, other.stride, rows, result.storage.base + result.offset, result.stride,
            accumulating ? 1 : 0)
    }
}
