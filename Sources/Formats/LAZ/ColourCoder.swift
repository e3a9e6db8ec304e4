/// Codes colours of 16 bits per component, byte by byte as differences to the previous colour; green
/// and blue are predicted to change as red did.
struct ColourCoder: Sendable {
    private var used: SymbolModel
    private var differences: [SymbolModel]

    init(decodes: Bool) {
        used = SymbolModel(128, decodes: decodes)
        differences = (0..<6).map { _ in SymbolModel(256, decodes: decodes) }
    }

    /// Codes a colour given the previous one.
    ///
    /// - Parameter hasChanged: set to true if the colour differs from the previous one.
    mutating func code<Coder: EntropyCoder>(
        _ colour: (UInt16, UInt16, UInt16), after last: (UInt16, UInt16, UInt16),
        hasChanged: inout Bool, with coder: inout Coder
    ) -> (UInt16, UInt16, UInt16) {
        let (red, green, blue) = (Bytes(colour.0), Bytes(colour.1), Bytes(colour.2))
        let (oldRed, oldGreen, oldBlue) = (Bytes(last.0), Bytes(last.1), Bytes(last.2))
        var symbol = 0
        if Coder.encodes {
            let changes = [
                red.low != oldRed.low, red.high != oldRed.high, green.low != oldGreen.low,
                green.high != oldGreen.high, blue.low != oldBlue.low, blue.high != oldBlue.high,
                colour.0 != colour.1 || colour.0 != colour.2,
            ]
            for (bit, changes) in changes.enumerated() where changes { symbol |= 1 << bit }
            if symbol != 0 { hasChanged = true }
        }
        symbol = coder.symbol(symbol, &used)

        /// Codes a byte as its difference to the expected one.
        func byte(_ value: Int, expected: Int, old: Int, _ bit: Int) -> Int {
            guard symbol & 1 << bit != 0 else { return old }
            let difference = coder.symbol((value - expected) & 255, &differences[bit])
            return (expected + difference) & 255
        }
        func clamped(_ value: Int) -> Int { max(0, min(255, value)) }

        // The order of the bytes, red low to blue high, is part of the format.
        let r = Bytes(
            low: byte(red.low, expected: oldRed.low, old: oldRed.low, 0),
            high: byte(red.high, expected: oldRed.high, old: oldRed.high, 1))
        guard symbol & 1 << 6 != 0 else { return (r.value, r.value, r.value) }
        var step = r.low - oldRed.low
        let greenLow = byte(
            green.low, expected: clamped(step + oldGreen.low), old: oldGreen.low, 2)
        step = (step + greenLow - oldGreen.low) / 2
        let blueLow = byte(blue.low, expected: clamped(step + oldBlue.low), old: oldBlue.low, 4)
        step = r.high - oldRed.high
        let greenHigh = byte(
            green.high, expected: clamped(step + oldGreen.high), old: oldGreen.high, 3)
        step = (step + greenHigh - oldGreen.high) / 2
        let blueHigh = byte(
            blue.high, expected: clamped(step + oldBlue.high), old: oldBlue.high, 5)
        return (
            r.value, Bytes(low: greenLow, high: greenHigh).value,
            Bytes(low: blueLow, high: blueHigh).value
        )
    }

    /// The two bytes of a component.
    private struct Bytes {
        let low: Int
        let high: Int

        init(_ value: UInt16) {
            low = Int(value & 255)
            high = Int(value >> 8)
        }

        init(low: Int, high: Int) {
            self.low = low
            self.high = high
        }

        var value: UInt16 { UInt16(high << 8 | low) }
    }
}
