import Tensors

extension Scenery {
    /// A straight piece of a boundary, from the pose's origin along its x.
    struct Piece {
        var pose: Pose
        var length: Float
    }

    /// Adds a wall: courses, perhaps piers, and a coping.
    mutating func addWall(along pieces: [Piece]) {
        let stone = paint(.wall, reflectance: random.uniform(in: 0.25...0.6), grain: 0.2)
        let height = random.uniform(in: 0.6...2.2)
        let thickness = random.uniform(in: 0.2...0.35)
        let piers = random.chance(0.5)
        for piece in pieces {
            let middle = piece.length / 2
            // The foot is below ground, which is not level.
            box(
                SIMD3(piece.length, thickness, height + 0.4), on: SIMD3(middle, 0, -0.4),
                in: piece.pose, of: stone)
            box(
                SIMD3(piece.length, thickness + 0.1, 0.07), on: SIMD3(middle, 0, height),
                in: piece.pose, of: stone)
            for x in piers ? posts(piece, apart: 3.2) : [] {
                box(
                    SIMD3(0.4, thickness + 0.14, height + 0.6), on: SIMD3(x, 0, -0.4),
                    in: piece.pose, of: stone)
            }
        }
    }

    /// Adds a fence: pickets, boards, rails or wire netting.
    mutating func addFence(along pieces: [Piece]) {
        let wood = paint(.fence, reflectance: random.uniform(in: 0.2...0.6), grain: 0.15)
        // A free path lets netting stop only a part of the beams.
        let wire = paint(.fence, reflectance: 0.3, grain: 0.2, freePath: 0.07)
        let height = random.uniform(in: 0.8...1.9)
        let kind = random.index(below: 4)
        for piece in pieces {
            let pose = piece.pose
            let middle = piece.length / 2
            for x in posts(piece, apart: 2.2) {
                box(SIMD3(0.1, 0.1, height + 0.25), on: SIMD3(x, 0, -0.2), in: pose, of: wood)
            }
            for level: Float in kind == 2 ? [0.3, 0.62, 0.94] : [0.22, 0.85] {
                box(
                    SIMD3(piece.length, 0.05, 0.09), on: SIMD3(middle, 0, height * level),
                    in: pose, of: wood)
            }
            switch kind {
            case 0: addPickets(to: piece, height: height, width: 0.08, pitch: 0.2, of: wood)
            case 1: addPickets(to: piece, height: height, width: 0.15, pitch: 0.17, of: wood)
            case 2: break
            default:
                box(
                    SIMD3(piece.length, 0.04, height), on: SIMD3(middle, 0, 0.03), in: pose,
                    of: wire)
            }
        }
    }

    private mutating func addPickets(
        to piece: Piece, height: Float, width: Float, pitch: Float, of material: Int
    ) {
        var x = pitch / 2
        while x < piece.length {
            box(
                SIMD3(width, 0.025, height - 0.05), on: SIMD3(x, 0.05, 0.05), in: piece.pose,
                of: material)
            x += pitch
        }
    }

    private func posts(_ piece: Piece, apart: Float) -> [Float] {
        let gaps = max(1, Int((piece.length / apart).rounded()))
        return (0...gaps).map { piece.length * Float($0) / Float(gaps) }
    }
}
