/// Encodes symbols and bits as LASzip does.
struct ArithmeticEncoder: EntropyCoder {
    static var encodes: Bool { true }

    private var bytes: [UInt8] = []
    private var base: UInt32 = 0
    private var length: UInt32 = .max

    /// Ends the stream and returns its bytes, including those that a decoder reads ahead.
    // The two cases and their padding follow LASzip: files must be equal to its output byte by byte.
    consuming func finish() -> [UInt8] {
        let isLong = length > 2 * shortestInterval
        add(isLong ? shortestInterval : shortestInterval >> 1)
        length = isLong ? shortestInterval >> 1 : shortestInterval >> 9
        renormalise()
        bytes += isLong ? [0, 0, 0] : [0, 0]
        return bytes
    }

    /// Moves the interval up and propagates a carry into the bytes already written.
    @inline(__always)
    private mutating func add(_ step: UInt32) {
        let (sum, carries) = base.addingReportingOverflow(step)
        base = sum
        guard carries else { return }
        var index = bytes.count - 1
        while bytes[index] == 0xFF {
            bytes[index] = 0
            index -= 1
        }
        bytes[index] += 1
    }

    @inline(__always)
    private mutating func renormalise() {
        while length < shortestInterval {
            bytes.append(UInt8(base >> 24))
            base <<= 8
            length <<= 8
        }
    }

    mutating func symbol(_ value: Int, _ model: inout SymbolModel) -> Int {
        if value == model.count - 1 {
            let low = model.cells[value] &* (length >> SymbolModel.precision)
            add(low)
            length &-= low
        } else {
            length >>= SymbolModel.precision
            let low = model.cells[value] &* length
            add(low)
            length = model.cells[value + 1] &* length &- low
        }
        renormalise()
        model.count(value)
        return value
    }

    mutating func bit(_ value: UInt32, _ model: inout BitModel) -> UInt32 {
        let low = model.probabilityOfZero &* (length >> BitModel.precision)
        if value == 0 {
            length = low
        } else {
            add(low)
            length &-= low
        }
        renormalise()
        model.count(value)
        return value
    }

    mutating func fewBits(_ value: UInt32, count: UInt32) -> UInt32 {
        length >>= count
        add(value &* length)
        renormalise()
        return value
    }
}
