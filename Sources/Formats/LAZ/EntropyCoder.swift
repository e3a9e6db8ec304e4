/// One direction of arithmetic coding: models encode points with one conformance and decode them with
/// the other.
///
/// Adaptive arithmetic coding as in A. Said, "Introduction to arithmetic coding: theory and
/// practice", HPL-2004-76, which LASzip uses (M. Isenburg, "LASzip: lossless compression of LiDAR
/// data", 2013). Every function takes and returns a value: an encoder writes and returns its
/// argument; a decoder ignores the argument and returns the value that it reads.
protocol EntropyCoder: Sendable {
    /// Whether the conformance encodes; a constant, so that each direction is compiled separately.
    static var encodes: Bool { get }

    /// Codes a symbol of an alphabet with adaptive frequencies.
    mutating func symbol(_ value: Int, _ model: inout SymbolModel) -> Int
    /// Codes a bit with adaptive frequencies.
    mutating func bit(_ value: UInt32, _ model: inout BitModel) -> UInt32
    /// Codes the lowest 1 to 19 bits of a number without a model.
    mutating func fewBits(_ value: UInt32, count: UInt32) -> UInt32
}

extension EntropyCoder {
    /// Codes the lowest 1 to 32 bits of a number without a model.
    // The interval has at least 24 bits, so at most 19 bits are coded at a time, as in LASzip.
    mutating func bits(_ value: UInt32, count: UInt32) -> UInt32 {
        guard count > 19 else { return fewBits(value, count: count) }
        let low = fewBits(value & 0xFFFF, count: 16)
        return fewBits(value >> 16, count: count - 16) << 16 | low
    }

    /// Codes 32 bits without a model.
    mutating func word(_ value: UInt32) -> UInt32 {
        let low = fewBits(value & 0xFFFF, count: 16)
        return fewBits(value >> 16, count: 16) << 16 | low
    }
}

/// Smallest length of an interval; shorter ones are renormalised by a byte.
let shortestInterval: UInt32 = 1 << 24

/// Adaptive probabilities of the symbols of an alphabet.
struct SymbolModel: Sendable {
    static let precision: UInt32 = 15

    let count: Int
    /// `count` cumulated probabilities, then `count` frequencies, then, for decoding large alphabets,
    /// a table that maps a probability to a nearby symbol.
    // One array instead of three: a point format has hundreds of models, each an allocation.
    fileprivate(set) var cells: [UInt32]
    /// Shift from a probability to an index of the table; 0 without a table.
    let tableShift: UInt32
    private let tableSize: Int
    private var total: UInt32 = 0
    private var cycle: UInt32
    fileprivate var untilUpdate: UInt32 = 0

    /// Creates a model of 2 to 2048 equally likely symbols.
    init(_ count: Int, decodes: Bool) {
        self.count = count
        if decodes && count > 16 {
            var bits: UInt32 = 3
            while count > 1 << (bits + 2) { bits += 1 }
            tableSize = 1 << Int(bits)
            tableShift = Self.precision - bits
        } else {
            tableSize = 0
            tableShift = 0
        }
        cells = [UInt32](repeating: 1, count: 2 * count + (tableSize > 0 ? tableSize + 2 : 0))
        cycle = UInt32(count)
        update()
        cycle = UInt32((count + 6) >> 1)
        untilUpdate = cycle
    }

    /// Counts a symbol and updates the probabilities when a cycle ends.
    @inline(__always)
    mutating func count(_ symbol: Int) {
        cells[count + symbol] &+= 1
        untilUpdate &-= 1
        if untilUpdate == 0 { update() }
    }

    private mutating func update() {
        total += cycle
        // Halving keeps the total within the precision and lets old frequencies fade.
        if total > 1 << Self.precision {
            total = 0
            for index in count..<2 * count {
                cells[index] = (cells[index] + 1) >> 1
                total += cells[index]
            }
        }
        let scale = 0x8000_0000 / total
        var sum: UInt32 = 0
        var filled = 0
        for symbol in 0..<count {
            cells[symbol] = (scale &* sum) >> (31 - Self.precision)
            sum &+= cells[count + symbol]
            guard tableSize > 0 else { continue }
            let index = Int(cells[symbol] >> tableShift)
            while filled < index {
                filled += 1
                cells[2 * count + filled] = UInt32(symbol - 1)
            }
        }
        if tableSize > 0 {
            cells[2 * count] = 0
            while filled <= tableSize {
                filled += 1
                cells[2 * count + filled] = UInt32(count - 1)
            }
        }
        // Cycles grow by a quarter: updates are frequent first and cheap in the long run.
        cycle = min((5 * cycle) >> 2, UInt32(count + 6) << 3)
        untilUpdate = cycle
    }
}

/// Adaptive probability of a bit.
struct BitModel: Sendable {
    static let precision: UInt32 = 13

    private(set) var probabilityOfZero: UInt32 = 1 << (precision - 1)
    private var zeros: UInt32 = 1
    private var total: UInt32 = 2
    private var cycle: UInt32 = 4
    private var untilUpdate: UInt32 = 4

    /// Counts a bit.
    mutating func count(_ bit: UInt32) {
        if bit == 0 { zeros += 1 }
        untilUpdate -= 1
        guard untilUpdate == 0 else { return }
        total += cycle
        if total > 1 << Self.precision {
            total = (total + 1) >> 1
            zeros = (zeros + 1) >> 1
            if zeros == total { total += 1 }
        }
        probabilityOfZero = (zeros &* (0x8000_0000 / total)) >> (31 - Self.precision)
        cycle = min((5 * cycle) >> 2, 64)
        untilUpdate = cycle
    }
}
