/// Codes GPS times as multiples of the step between pulses, in up to four interleaved sequences.
struct GPSTimeCoder: Sendable {
    private static let largestMultiple = 500
    private static let smallestMultiple = -10
    // A damaged file could switch between the four sequences forever; an encoder switches once.
    private static let mostSwitches = 8

    /// Whether an unchanged time has its own symbol; formats 6 to 10 flag it in the point instead.
    private let hasUnchanged: Bool
    private var multiples: SymbolModel
    private var beginnings: SymbolModel
    private var integers: IntegerCoder
    private var sequence = 0
    private var newest = 0
    private var times: [UInt64] = [0, 0, 0, 0]
    private var steps: [Int32] = [0, 0, 0, 0]
    /// Number of consecutive times at the ends of the range of multiples, by sequence.
    private var misfits: [Int] = [0, 0, 0, 0]

    /// Creates a coder that predicts from a time.
    init(after first: UInt64, hasUnchanged: Bool, decodes: Bool) {
        self.hasUnchanged = hasUnchanged
        multiples = SymbolModel(hasUnchanged ? 516 : 515, decodes: decodes)
        beginnings = SymbolModel(hasUnchanged ? 6 : 5, decodes: decodes)
        integers = IntegerCoder(bits: 32, contexts: 9, decodes: decodes)
        times[0] = first
    }

    /// Codes a time, the bits of a Float64; returns nil if the input is damaged.
    mutating func code<Coder: EntropyCoder>(
        _ time: UInt64, with coder: inout Coder
    ) -> UInt64? {
        for _ in 0..<Self.mostSwitches {
            let switched =
                steps[sequence] == 0
                ? begin(time, with: &coder) : advance(time, with: &coder)
            if !switched { return times[sequence] }
        }
        return nil
    }

    /// Difference to the last time of a sequence; nil if it exceeds 32 bits.
    private func difference(_ time: UInt64, to sequence: Int) -> Int32? {
        Int32(exactly: Int64(bitPattern: time &- times[sequence]))
    }

    /// Distance to the next sequence whose last time is within 32 bits of `time`; 0 if there is none.
    private func sequenceFitting(_ time: UInt64) -> Int {
        (1..<4).first { difference(time, to: (sequence + $0) & 3) != nil } ?? 0
    }

    /// Codes a time of a sequence without a step; returns true if the time is in another sequence.
    private mutating func begin<Coder: EntropyCoder>(
        _ time: UInt64, with coder: inout Coder
    ) -> Bool {
        var symbol = 0
        if Coder.encodes {
            if hasUnchanged && time == times[sequence] {
                symbol = 0
            } else if difference(time, to: sequence) != nil {
                symbol = 1
            } else {
                let further = sequenceFitting(time)
                symbol = further > 0 ? further + 2 : 2
            }
        }
        let least = hasUnchanged ? 0 : 1
        symbol = coder.symbol(symbol - (Coder.encodes ? least : 0), &beginnings) + least
        switch symbol {
        case 0: return false
        case 1:
            let known = Coder.encodes ? difference(time, to: sequence) ?? 0 : 0
            let step = integers.code(known, predicted: 0, context: 0, with: &coder)
            steps[sequence] = step
            move(by: step)
            misfits[sequence] = 0
            return false
        case 2:
            start(time, with: &coder)
            return false
        default:
            sequence = (sequence + symbol - 2) & 3
            return true
        }
    }

    /// Codes a time of a sequence with a step; returns true if the time is in another sequence.
    private mutating func advance<Coder: EntropyCoder>(
        _ time: UInt64, with coder: inout Coder
    ) -> Bool {
        let unchanged = Self.largestMultiple - Self.smallestMultiple + 1
        let full = hasUnchanged ? unchanged + 1 : unchanged
        var symbol = 0
        var known: Int32 = 0
        if Coder.encodes {
            if hasUnchanged && time == times[sequence] {
                symbol = unchanged
            } else if let difference = difference(time, to: sequence) {
                known = difference
                symbol = Self.symbol(of: Float(difference) / Float(steps[sequence]))
            } else {
                symbol = full + sequenceFitting(time)
            }
        }
        symbol = coder.symbol(symbol, &multiples)
        if symbol > full {
            sequence = (sequence + symbol - full) & 3
            return true
        }
        if symbol == full {
            start(time, with: &coder)
            return false
        }
        if hasUnchanged && symbol == unchanged { return false }

        let (multiple, context) = Self.prediction(of: symbol)
        let difference = integers.code(
            known, predicted: multiple &* steps[sequence], context: context, with: &coder)
        move(by: difference)
        switch symbol {
        case 1: misfits[sequence] = 0
        case 0, Self.largestMultiple, Self.largestMultiple - Self.smallestMultiple:
            // After four times at the ends of the range the step is taken to have changed.
            misfits[sequence] += 1
            if misfits[sequence] > 3 {
                steps[sequence] = difference
                misfits[sequence] = 0
            }
        default: break
        }
        return false
    }

    private mutating func move(by difference: Int32) {
        times[sequence] &+= UInt64(bitPattern: Int64(difference))
    }

    /// Codes a time in full; it begins a sequence that replaces the oldest.
    private mutating func start<Coder: EntropyCoder>(_ time: UInt64, with coder: inout Coder) {
        func high(_ time: UInt64) -> Int32 { Int32(truncatingIfNeeded: time >> 32) }
        newest = (newest + 1) & 3
        let upper = integers.code(
            high(time), predicted: high(times[sequence]), context: 8, with: &coder)
        let lower = coder.word(UInt32(truncatingIfNeeded: time))
        times[newest] = UInt64(UInt32(bitPattern: upper)) << 32 | UInt64(lower)
        sequence = newest
        steps[sequence] = 0
        misfits[sequence] = 0
    }

    /// Symbol of a multiple of the step.
    private static func symbol(of ratio: Float) -> Int {
        let limit = Float(largestMultiple)
        let multiple = Int(max(-limit, min(limit, ratio)).rounded(.toNearestOrAwayFromZero))
        return multiple >= 0 ? multiple : largestMultiple - max(multiple, smallestMultiple)
    }

    /// Multiple of the step that a symbol stands for, and the context of the remaining difference.
    private static func prediction(of symbol: Int) -> (multiple: Int32, context: Int) {
        switch symbol {
        case 0: return (0, 7)
        case 1: return (1, 1)
        case ..<10: return (Int32(symbol), 2)
        case ..<largestMultiple: return (Int32(symbol), 3)
        case largestMultiple: return (Int32(symbol), 4)
        default:
            let multiple = largestMultiple - symbol
            return (Int32(multiple), multiple > smallestMultiple ? 5 : 6)
        }
    }
}
