/// Quantities for readers: about three digits and a unit.
///
/// Values that are not finite are written as `?`: lines about a diverged run must still be printed.
package enum Readable {
    /// A number rounded to a fixed count of decimals, such as `0.3142`.
    package static func number(_ value: Double, places: Int) -> String {
        guard value.isFinite else { return "?" }
        let places = min(max(places, 0), 15)
        let scale = (0..<places).reduce(1.0) { product, _ in product * 10 }
        let scaled = (value.magnitude * scale).rounded()
        // Doubles of this size have no decimals.
        guard scaled < 9e15 else { return "\(value)" }
        let digits = Int(scaled)
        let sign = value < 0 && digits != 0 ? "-" : ""
        let unit = Int(scale)
        guard places > 0 else { return sign + String(digits) }
        let fraction = String(digits % unit)
        return sign + String(digits / unit) + "."
            + String(repeating: "0", count: places - fraction.count) + fraction
    }

    /// A number with about `digits` significant digits: `0.0123`, `12.3`, `123`.
    package static func number(_ value: Double, digits: Int = 3) -> String {
        guard value.isFinite else { return "?" }
        guard value != 0 else { return "0" }
        var places = digits - 1
        var size = value.magnitude
        while size >= 10 && places > 0 {
            size /= 10
            places -= 1
        }
        while size < 1 && places < 15 {
            size *= 10
            places += 1
        }
        // Rounding may add a digit: 9.996 becomes 10.0, not 10.00.
        let text = number(value, places: places)
        let written = text.utf8.filter { $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "-") }
        let significant = written.drop { $0 == UInt8(ascii: "0") }.count
        return significant > digits && places > 0 ? number(value, places: places - 1) : text
    }

    /// A count with a comma between thousands: `1,234,567`.
    package static func count(_ value: Int) -> String {
        let digits = String(value.magnitude)
        var text = ""
        for (place, digit) in digits.enumerated() {
            if place > 0 && (digits.count - place) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return value < 0 ? "-" + text : text
    }

    /// A duration: `350 µs`, `12.3 ms`, `4.21 s`, `3 min 05 s`, `2 h 07 min`, `3 d 04 h`.
    package static func duration(_ duration: Duration) -> String {
        Readable.duration(seconds: duration.inSeconds)
    }

    /// A duration in seconds.
    package static func duration(seconds: Double) -> String {
        guard seconds.isFinite else { return "?" }
        if seconds < 0 { return "-" + duration(seconds: -seconds) }
        if seconds == 0 { return "0 s" }
        // The limits are where three digits would round up to the next unit.
        if seconds < 0.999_5e-6 { return number(seconds * 1e9) + " ns" }
        if seconds < 0.999_5e-3 { return number(seconds * 1e6) + " µs" }
        if seconds < 0.999_5 { return number(seconds * 1e3) + " ms" }
        if seconds < 59.95 { return number(seconds) + " s" }
        guard seconds < 1e12 else { return "?" }
        let whole = Int(seconds.rounded())
        if whole < 3600 { return pair(whole / 60, "min", whole % 60, "s") }
        let minutes = Int((seconds / 60).rounded())
        if minutes < 1440 { return pair(minutes / 60, "h", minutes % 60, "min") }
        let hours = Int((seconds / 3600).rounded())
        return pair(hours / 24, "d", hours % 24, "h")
    }

    private static func pair(_ large: Int, _ unit: String, _ small: Int, _ part: String) -> String {
        "\(large) \(unit) \(small < 10 ? "0" : "")\(small) \(part)"
    }

    /// A number of bytes in powers of 1000: `512 B`, `12.3 kB`, `4.56 GB`.
    package static func bytes(_ count: Int) -> String {
        abs(count) < 1000 ? "\(count) B" : scaled(Double(count), "B")
    }

    /// A rate in bytes per second: `12.3 MB/s`.
    package static func byteRate(_ perSecond: Double) -> String { scaled(perSecond, "B") + "/s" }

    /// A rate per second, such as `3.41 steps/s` or `123k points/s`; slow rates as the time per
    /// unit, such as `12.5 s/step`.
    package static func rate(_ perSecond: Double, of unit: String, each one: String? = nil)
        -> String
    {
        guard perSecond.isFinite, perSecond >= 0 else { return "? \(unit)/s" }
        if let one, perSecond > 0, perSecond < 0.5 {
            return duration(seconds: 1 / perSecond) + "/" + one
        }
        return scaled(perSecond, "").replacing(" ", with: "") + " \(unit)/s"
    }

    private static func scaled(_ value: Double, _ unit: String) -> String {
        let prefixes = ["", "k", "M", "G", "T", "P", "E"]
        var value = value
        var place = 0
        while value.magnitude >= 999.5 && place < prefixes.count - 1 {
            value /= 1000
            place += 1
        }
        return number(value) + " " + prefixes[place] + unit
    }
}

extension Duration {
    /// The duration in seconds.
    var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }
}
