/// One direction of arithmetic coding: the same model code packs points with one conformance and
/// unpacks them with the other.
///
/// Adaptive arithmetic coding as in A. Said, "Introduction to arithmetic coding: theory and
/// practice", HPL-2004-76, which LASzip uses (M. Isenburg, "LASzip: lossless compression of LiDAR
/// data", 2013). Every function takes a value and returns it: an encoder writes the one it is
/// given, a decoder ignores that and returns the one it reads.
protocol EntropyCoder: Sendable {
    /// Whether values go out; a constant, so that each direction is compiled on its own.
    static var encodes: Bool { get }

    /// A symbol of an alphabet whose frequencies are learnt.
    mutating func symbol(_ value: Int, _ model: inout SymbolModel) -> Int
    /// A bit whose frequencies are learnt.
    mutating func bit(_ value: UInt32, _ model: inout BitModel) -> UInt32
    /// The lowest bits of a number as they are, 1 to 19 of them.
    mutating func fewBits(_ value: UInt32, count: UInt32) -> UInt32
}

extension EntropyCoder {
    /// The lowest bits of a number as they are, 1 to 32 of them.
    mutating func bits(_ value: UInt32, count: UInt32) -> UInt32 {
        guard count > 19 else { return fewBits(value, count: count) }
        let low = fewBits(value & 0xFFFF, count: 16)
        return fewBits(value >> 16, count: count - 16) << 16 | low
    }

    /// 32 bits as they are.
    mutating func word(_ value: UInt32) -> UInt32 {
        let low = fewBits(value & 0xFFFF, count: 16)
        return fewBits(value >> 16, count: 16) << 16 | low
    }
}

/// Intervals shorter than this give up their highest byte.
let shortestInterval: UInt32 = 1 << 24

/// How often each symbol of an alphabet has occurred, as probabilities renewed now and then.
struct SymbolModel: Sendable {
    static let precision: UInt32 = 15

    let count: Int
    /// Behind one another: `count` cumulated probabilities, `count` frequencies, and for decoding
    /// large alphabets a table that finds the symbol near a probability.
    fileprivate(set) var cells: [UInt32]
    /// How far a probability is shifted to be a place in the table; 0 without one.
    let tableShift: UInt32
    private let tableSize: Int
    private var total: UInt32 = 0
    private var cycle: UInt32
    fileprivate var untilUpdate: UInt32 = 0

    /// A model of 2 to 2048 symbols, each as likely.
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

    /// Counts a symbol.
    @inline(__always)
    mutating func count(_ symbol: Int) {
        cells[count + symbol] &+= 1
        untilUpdate &-= 1
        if untilUpdate == 0 { update() }
    }

    private mutating func update() {
        total += cycle
        if total > 1 << Self.precision {
            total = 0
            for place in count..<2 * count {
                cells[place] = (cells[place] + 1) >> 1
                total += cells[place]
            }
        }
        let scale = 0x8000_0000 / total
        var sum: UInt32 = 0
        var filled = 0
        for symbol in 0..<count {
            cells[symbol] = (scale &* sum) >> (31 - Self.precision)
            sum &+= cells[count + symbol]
            guard tableSize > 0 else { continue }
            let place = Int(cells[symbol] >> tableShift)
            while filled < place {
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
        cycle = min((5 * cycle) >> 2, UInt32(count + 6) << 3)
        untilUpdate = cycle
    }
}

/// How often a bit has been 0.
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
