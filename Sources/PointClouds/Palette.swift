import Tensors

/// Colours of classes in pictures.
package enum Palette {
    /// Red, green and blue, 0 … 255.
    package typealias Colour = SIMD3<UInt8>

    /// The colour of a point without a class.
    package static let ignored = Colour(80, 80, 80)

    /// Colours that are easy to distinguish: hues a golden ratio apart, in three brightnesses.
    package static func distinct(_ count: Int) -> [Colour] {
        (0..<count).map { index in
            let hue = (Double(index) * 0.6180339887498949).truncatingRemainder(dividingBy: 1)
            let brightness = [235.0, 170, 205][index % 3]
            let saturation = [0.75, 0.9, 0.45][(index / 3) % 3]
            func component(_ shift: Double) -> UInt8 {
                let wave = 0.5 + 0.5 * cosine(turns: hue - shift)
                return UInt8(brightness * (1 - saturation * (1 - wave)))
            }
            return Colour(component(0), component(1.0 / 3), component(2.0 / 3))
        }
    }
}
