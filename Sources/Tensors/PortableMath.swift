// Logarithm and cosine from additions and multiplications alone, since those of C libraries may differ
// in the last place between hosts, and random draws must not.

/// The natural logarithm of a positive, normal number, within 1e-15 relative of exact.
///
/// x = m 2^e with m in [sqrt(1/2), sqrt(2)); log m = 2 atanh((m - 1) / (m + 1)) by its series.
public func logarithm(_ x: Double) -> Double {
    precondition(x > 0 && x.isNormal, "The logarithm of \(x) is not defined here.")
    var exponent = Double(x.exponent)
    var mantissa = x.significand
    if mantissa > 1.4142135623730951 {
        mantissa *= 0.5
        exponent += 1
    }
    let t = (mantissa - 1) / (mantissa + 1)
    let square = t * t
    var sum = 0.0
    for k in stride(from: 21, through: 1, by: -2) { sum = sum * square + 1 / Double(k) }
    return 2 * t * sum + exponent * 0.6931471805599453
}

/// The exponential of a number between -700 and 700, within 1e-14 relative of exact.
///
/// e^x = (e^(x / 1024))^1024, the root by its series.
public func exponential(_ x: Double) -> Double {
    precondition(x.magnitude <= 700, "The exponential of \(x) is not defined here.")
    let part = x / 1024
    // e^part - 1, which keeps its digits while it is squared as (1 + s)^2 - 1 = s (2 + s).
    var sum = 0.0
    for k in stride(from: 9, through: 1, by: -1) { sum = (1 + sum) * part / Double(k) }
    for _ in 0..<10 { sum = sum * (2 + sum) }
    return 1 + sum
}

/// The cosine of an angle given in turns (1 turn = 360 degrees), within 1e-15 of exact.
public func cosine(turns: Double) -> Double {
    // Reduced in turns, which is exact; a reduction of radians by pi would round.
    var angle = (turns - turns.rounded()).magnitude  // 0 ... 0.5
    let flipped = angle > 0.25
    if flipped { angle = 0.5 - angle }
    let x = angle * 6.283185307179586
    let square = x * x
    var sum = 0.0
    for k in stride(from: 20, through: 2, by: -2) {
        sum = (1 - sum) * square / Double(k * (k - 1))
    }
    return flipped ? -(1 - sum) : 1 - sum
}

/// The sine of an angle given in turns.
public func sine(turns: Double) -> Double { cosine(turns: turns - 0.25) }
