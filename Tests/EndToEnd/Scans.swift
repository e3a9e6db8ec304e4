import Foundation

/// Small scans in the layout of SemanticKITTI: ground, a wall, a car and a bush, around a sensor.
enum Scans {
    /// The number of points per scan.
    static let points = 420

    /// Writes scans and labels of sequences 00 (training) and 08 (validation) below a folder.
    static func write(training: Int, validation: Int, to name: String, in folder: Folder) throws {
        for (sequence, count) in [("00", training), ("08", validation)] {
            for frame in 0..<count {
                let (scan, labels) = scan(numbered: UInt32(frame) &+ 1000 * UInt32(sequence)!)
                let number = String(format: "%06d", frame)
                let base = "\(name)/sequences/\(sequence)"
                try folder.write(scan, to: "\(base)/velodyne/\(number).bin")
                try folder.write(labels, to: "\(base)/labels/\(number).label")
            }
        }
    }

    private static func scan(numbered number: UInt32) -> (scan: [UInt8], labels: [UInt8]) {
        var state = number &* 2_654_435_761 &+ 12345
        func draw() -> Float {
            state = state &* 1_664_525 &+ 1_013_904_223
            return Float(state >> 8) / Float(1 << 24)
        }
        var scan: [UInt8] = []
        var labels: [UInt8] = []
        for point in 0..<points {
            let (label, position): (UInt32, SIMD3<Float>) =
                switch point % 4 {
                case 0: (40, SIMD3(16 * draw() - 8, 16 * draw() - 8, -1.7))
                case 1: (50, SIMD3(16 * draw() - 8, 6 + 0.2 * draw(), 4 * draw() - 1.7))
                case 2: (10, SIMD3(3 + 4 * draw(), 2 * draw() - 3, 1.4 * draw() - 1.7))
                default: (70, SIMD3(2 * draw() - 5, 2 * draw() - 5, 2 * draw() - 1.7))
                }
            for value in [position.x, position.y, position.z, draw()] {
                scan += word(value.bitPattern)
            }
            labels += word(label)
        }
        return (scan, labels)
    }

    private static func word(_ word: UInt32) -> [UInt8] {
        [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: word >> $0) }
    }
}
