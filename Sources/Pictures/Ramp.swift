/// A colour ramp for values between 0 and 1.
package struct Ramp: Sendable {
    private let stops: [SIMD3<Float>]

    /// A ramp of colours at equal distances.
    init(_ stops: [UInt32]) {
        self.stops = stops.map { stop in
            SIMD3(Float(stop >> 16 & 255), Float(stop >> 8 & 255), Float(stop & 255))
        }
    }

    /// The colour of a value, clamped to 0 … 1; the first colour for values that are not finite.
    package func colour(_ value: Float) -> Picture.Colour {
        let place = (value.isFinite ? min(max(value, 0), 1) : 0) * Float(stops.count - 1)
        let low = min(Int(place), stops.count - 2)
        let share = place - Float(low)
        let mixed = stops[low] * (1 - share) + stops[low + 1] * share
        return Picture.Colour(mixed.rounded(.toNearestOrEven))
    }

    /// From dark violet over green to yellow: viridis (van der Walt and Smith), which is perceptually
    /// uniform, also in grey and with colour blindness.
    package static let viridis = Ramp([
        0x44_0154, 0x48_2878, 0x3E_4A89, 0x31_688E, 0x26_828E, 0x1F_9E89, 0x35_B779, 0x6D_CD59,
        0xB4_DE2C, 0xFD_E725,
    ])

    /// From blue over white to red, for differences: 0.5 is zero (ColorBrewer RdBu).
    package static let differences = Ramp([
        0x05_3061, 0x21_66AC, 0x43_93C3, 0x92_C5DE, 0xD1_E5F0, 0xF7_F7F7, 0xFD_DBC7, 0xF4_A582,
        0xD6_604D, 0xB2_182B, 0x67_001F,
    ])
}
