import Telemetry
import Testing

@Suite struct ReadableTests {
    @Test(
        "numbers have a fixed count of decimals",
        arguments: [
            (0.0, 2, "0.00"), (3.14159, 2, "3.14"), (-0.001, 2, "0.00"), (-1.005, 1, "-1.0"),
            (0.05, 1, "0.1"), (2.5, 0, "3"), (12.0, 3, "12.000"), (.nan, 2, "?"),
            (-.infinity, 1, "?"),
            (0.999, 2, "1.00"), (1e20, 2, "1e+20"),
        ])
    func numbersHaveFixedCountOfDecimals(value: Double, places: Int, text: String) {
        #expect(Readable.number(value, places: places) == text)
    }

    @Test(
        "numbers have three significant digits",
        arguments: [
            (0.0, "0"), (1.0, "1.00"), (12.34, "12.3"), (123.4, "123"), (1234.0, "1234"),
            (0.0123, "0.0123"), (9.996, "10.0"), (99.96, "100"), (0.09996, "0.100"),
            (-4.5, "-4.50"),
            (.infinity, "?"),
        ])
    func numbersHaveThreeSignificantDigits(value: Double, text: String) {
        #expect(Readable.number(value) == text)
    }

    @Test(
        "counts have commas between thousands",
        arguments: [
            (0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567"),
            (Int.min, "-9,223,372,036,854,775,808"),
        ])
    func countsHaveCommasBetweenThousands(value: Int, text: String) {
        #expect(Readable.count(value) == text)
    }

    @Test(
        "durations have fitting units",
        arguments: [
            (0.0, "0 s"), (2.5e-8, "25.0 ns"), (350e-6, "350 µs"), (0.0123, "12.3 ms"),
            (0.999_6, "1.00 s"), (0.999_6e-3, "1.00 ms"), (4.214, "4.21 s"), (59.9, "59.9 s"),
            (59.96, "1 min 00 s"), (185.0, "3 min 05 s"), (3599.4, "59 min 59 s"),
            (3599.6, "1 h 00 min"), (7620.0, "2 h 07 min"), (86_399.0, "1 d 00 h"),
            (273_600.0, "3 d 04 h"), (-5.0, "-5.00 s"), (.nan, "?"), (1e300, "?"),
        ])
    func durationsHaveFittingUnits(seconds: Double, text: String) {
        #expect(Readable.duration(seconds: seconds) == text)
    }

    @Test("durations of the standard library are formatted")
    func durationsOfStandardLibraryAreFormatted() {
        #expect(Readable.duration(.milliseconds(12)) == "12.0 ms")
        #expect(Readable.duration(.seconds(65)) == "1 min 05 s")
    }

    @Test("bytes and rates have units") func bytesAndRatesHaveUnits() {
        #expect(Readable.bytes(0) == "0 B")
        #expect(Readable.bytes(999) == "999 B")
        #expect(Readable.bytes(1000) == "1.00 kB")
        #expect(Readable.bytes(999_600) == "1.00 MB")
        #expect(Readable.bytes(4_560_000_000) == "4.56 GB")
        #expect(Readable.byteRate(12.34e6) == "12.3 MB/s")
        #expect(Readable.rate(3.41, of: "steps", each: "step") == "3.41 steps/s")
        #expect(Readable.rate(0.08, of: "steps", each: "step") == "12.5 s/step")
        #expect(Readable.rate(0.08, of: "steps") == "0.0800 steps/s")
        #expect(Readable.rate(123_456, of: "points") == "123k points/s")
        #expect(Readable.rate(.nan, of: "points") == "? points/s")
    }
}
