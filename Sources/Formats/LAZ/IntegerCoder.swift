/// Codes integers as corrections of a prediction: one symbol for the correction's number of bits, one
/// for its highest bits, and the lower bits without a model.
struct IntegerCoder: Sendable {
    /// Number of a correction's highest bits that are coded with a model.
    private static let modelledBits: UInt32 = 8

    /// Number of bits of the last correction; the context of related integers depends on it.
    private(set) var bitsOfLast: UInt32 = 0
    private let width: UInt32
    private var sizes: [SymbolModel]
    private var corrections: [SymbolModel]
    private var one = BitModel()

    /// Creates a coder of integers of 16 or 32 bits with separate models of sizes per context.
    init(bits width: UInt32, contexts: Int = 1, decodes: Bool) {
        self.width = width
        sizes = (0..<contexts).map { _ in SymbolModel(Int(width) + 1, decodes: decodes) }
        corrections = (1...width).map {
            SymbolModel(1 << Int(min($0, Self.modelledBits)), decodes: decodes)
        }
    }

    /// Codes an integer given a prediction.
    mutating func code<Coder: EntropyCoder>(
        _ value: Int32, predicted: Int32, context: Int = 0, with coder: inout Coder
    ) -> Int32 {
        var correction: Int32 = 0
        if Coder.encodes {
            correction = value &- predicted
            if width < 32 {
                let range = Int32(1) << Int32(width)
                if correction < -(range / 2) { correction += range }
                if correction >= range / 2 { correction -= range }
            }
        }
        let sum = predicted &+ self.correction(correction, context, with: &coder)
        guard width < 32 else { return sum }
        let range = Int32(1) << Int32(width)
        return sum < 0 ? sum &+ range : sum >= range ? sum &- range : sum
    }

    private mutating func correction<Coder: EntropyCoder>(
        _ value: Int32, _ context: Int, with coder: inout Coder
    ) -> Int32 {
        var size: UInt32 = 0
        if Coder.encodes {
            // The smallest k such that -(2^k - 1) ... 2^k contains the correction.
            let magnitude = value <= 0 ? UInt32(bitPattern: 0 &- value) : UInt32(value) - 1
            size = UInt32(32 - magnitude.leadingZeroBitCount)
        }
        size = UInt32(coder.symbol(Int(size), &sizes[context]))
        bitsOfLast = size
        if size == 0 { return Int32(coder.bit(UInt32(bitPattern: value), &one)) }
        // 32 bits are needed for one correction only, so nothing follows.
        guard size < 32 else { return .min }

        let half = Int32(1) << Int32(size - 1)
        var index: UInt32 = 0
        if Coder.encodes {
            index = UInt32(bitPattern: value < 0 ? value &+ (half &* 2 &- 1) : value &- 1)
        }
        if size <= Self.modelledBits {
            index = UInt32(coder.symbol(Int(index), &corrections[Int(size) - 1]))
        } else {
            let rest = size - Self.modelledBits
            let high = coder.symbol(Int(index >> rest), &corrections[Int(size) - 1])
            let low = coder.bits(index & ((1 << rest) - 1), count: rest)
            index = UInt32(high) << rest | low
        }
        let found = Int32(bitPattern: index)
        return found >= half ? found &+ 1 : found &- (half &* 2 &- 1)
    }
}

/// Approximate running median of the last five values, as LASzip computes it.
struct StreamingMedian: Sendable {
    private var values = (Int32(0), Int32(0), Int32(0), Int32(0), Int32(0))
    private var takesHigh = true

    var median: Int32 { values.2 }

    /// Adds a value and drops the largest and the smallest in turn.
    mutating func add(_ value: Int32) {
        if takesHigh {
            if value < values.2 {
                values.4 = values.3
                values.3 = values.2
                if value < values.0 {
                    values.2 = values.1
                    values.1 = values.0
                    values.0 = value
                } else if value < values.1 {
                    values.2 = values.1
                    values.1 = value
                } else {
                    values.2 = value
                }
            } else {
                if value < values.3 {
                    values.4 = values.3
                    values.3 = value
                } else {
                    values.4 = value
                }
                takesHigh = false
            }
        } else if values.2 < value {
            values.0 = values.1
            values.1 = values.2
            if values.4 < value {
                values.2 = values.3
                values.3 = values.4
                values.4 = value
            } else if values.3 < value {
                values.2 = values.3
                values.3 = value
            } else {
                values.2 = value
            }
        } else {
            if values.1 < value {
                values.0 = values.1
                values.1 = value
            } else {
                values.0 = value
            }
            takesHigh = true
        }
    }
}
