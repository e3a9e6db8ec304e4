/// Decodes the output of ``ArithmeticEncoder`` or LASzip.
///
/// The value stays within the interval for any input, so every index derived from it is within its
/// table. Bytes after the end read as 0 and mark the input as damaged.
struct ArithmeticDecoder: EntropyCoder {
    static var encodes: Bool { false }

    private let bytes: [UInt8]
    private let end: Int
    private(set) var position: Int
    private var value: UInt32
    private var length: UInt32 = .max
    /// Whether no encoder can have written the bytes read so far.
    private(set) var isDamaged = false

    /// Creates a decoder of a range of bytes.
    init(_ bytes: [UInt8], _ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        self.bytes = bytes
        end = range.upperBound
        position = range.lowerBound
        value = 0
        for _ in 0..<4 { value = value << 8 | UInt32(next()) }
        // The interval's length starts at the largest UInt32; a value that equals it is outside.
        if value == .max {
            isDamaged = true
            value = 0
        }
    }

    @inline(__always)
    private mutating func next() -> UInt8 {
        guard position < end else {
            isDamaged = true
            return 0
        }
        defer { position += 1 }
        return bytes[position]
    }

    @inline(__always)
    private mutating func renormalise() {
        while length < shortestInterval {
            value = value << 8 | UInt32(next())
            length <<= 8
        }
    }

    mutating func symbol(_: Int, _ model: inout SymbolModel) -> Int {
        let whole = length
        length >>= SymbolModel.precision
        // Bisection over the cumulated probabilities; a large alphabet narrows it by a table first.
        let count = model.count
        var symbol = 0
        var beyond = count
        if model.tableShift > 0 {
            let wanted = value / length
            let entry = 2 * count + Int(min(wanted, 1 << SymbolModel.precision) >> model.tableShift)
            symbol = Int(model.cells[entry])
            beyond = Int(model.cells[entry + 1]) + 1
            while beyond > symbol + 1 {
                let middle = (symbol + beyond) >> 1
                if model.cells[middle] > wanted { beyond = middle } else { symbol = middle }
            }
        } else {
            while beyond > symbol + 1 {
                let middle = (symbol + beyond) >> 1
                if length &* model.cells[middle] > value {
                    beyond = middle
                } else {
                    symbol = middle
                }
            }
        }
        let low = model.cells[symbol] &* length
        let high = symbol == count - 1 ? whole : model.cells[symbol + 1] &* length
        value &-= low
        length = high &- low
        renormalise()
        model.count(symbol)
        return symbol
    }

    mutating func bit(_: UInt32, _ model: inout BitModel) -> UInt32 {
        let low = model.probabilityOfZero &* (length >> BitModel.precision)
        let bit: UInt32 = value < low ? 0 : 1
        if bit == 0 {
            length = low
        } else {
            value &-= low
            length &-= low
        }
        renormalise()
        model.count(bit)
        return bit
    }

    mutating func fewBits(_: UInt32, count: UInt32) -> UInt32 {
        length >>= count
        let bits = value / length
        value &-= length &* bits
        renormalise()
        if bits >> count != 0 { isDamaged = true }
        return bits & ((1 << count) - 1)
    }
}
