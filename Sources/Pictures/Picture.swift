/// A picture of coloured pixels, the first row on top.
package struct Picture: Sendable, Equatable {
    /// Red, green and blue, 0 … 255.
    package typealias Colour = SIMD3<UInt8>

    /// The number of pixels per row.
    package let width: Int
    /// The number of rows.
    package let height: Int
    /// Three bytes per pixel, row by row.
    package private(set) var bytes: [UInt8]

    /// A picture of one colour.
    package init(width: Int, height: Int, filledWith colour: Colour = Colour(repeating: 0)) {
        precondition(width > 0 && height > 0, "A picture cannot have \(width) x \(height) pixels.")
        self.width = width
        self.height = height
        bytes = []
        bytes.reserveCapacity(3 * width * height)
        for _ in 0..<width * height {
            bytes.append(colour.x)
            bytes.append(colour.y)
            bytes.append(colour.z)
        }
    }

    /// The colour of a pixel.
    package subscript(x: Int, y: Int) -> Colour {
        get {
            let place = 3 * (y * width + x)
            return Colour(bytes[place], bytes[place + 1], bytes[place + 2])
        }
        set {
            let place = 3 * (y * width + x)
            bytes[place] = newValue.x
            bytes[place + 1] = newValue.y
            bytes[place + 2] = newValue.z
        }
    }

    /// The picture at half the width and height: each pixel is the mean of four.
    package func halved() -> Picture {
        var small = Picture(width: max(1, width / 2), height: max(1, height / 2))
        for y in 0..<small.height {
            for x in 0..<small.width {
                // Starting with 2 rounds the division by 4 to nearest.
                var sum = SIMD3<UInt16>(repeating: 2)
                for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                    let (px, py) = (min(2 * x + dx, width - 1), min(2 * y + dy, height - 1))
                    sum &+= SIMD3<UInt16>(truncatingIfNeeded: self[px, py])
                }
                small[x, y] = Colour(truncatingIfNeeded: sum &>> 2)
            }
        }
        return small
    }

    /// The picture with another one of the same height to its right.
    package func beside(_ other: Picture) -> Picture {
        precondition(
            height == other.height,
            "Pictures of \(height) and \(other.height) rows cannot be joined.")
        var both = Picture(width: width + other.width, height: height)
        both.bytes.removeAll(keepingCapacity: true)
        for y in 0..<height {
            both.bytes += bytes[3 * y * width..<3 * (y + 1) * width]
            both.bytes += other.bytes[3 * y * other.width..<3 * (y + 1) * other.width]
        }
        return both
    }
}
