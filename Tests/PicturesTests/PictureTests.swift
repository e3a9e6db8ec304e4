import Pictures
import Testing

@Suite struct PictureTests {
    private let red = Picture.Colour(255, 0, 0)
    private let blue = Picture.Colour(0, 0, 255)

    @Test func pixelsKeepTheirPlaces() {
        var picture = Picture(width: 3, height: 2, filledWith: blue)
        picture[2, 1] = red
        #expect(picture[2, 1] == red)
        #expect(picture[1, 1] == blue)
        #expect(picture.bytes.count == 18)
        #expect(Array(picture.bytes.suffix(3)) == [255, 0, 0])
        let both = picture.beside(Picture(width: 1, height: 2, filledWith: red))
        #expect(both.width == 4)
        #expect(both[3, 0] == red)
        #expect(both[2, 1] == red)
        #expect(both[2, 0] == blue)
    }

    @Test func halvingAveragesPixels() {
        var picture = Picture(width: 4, height: 2)
        picture[0, 0] = Picture.Colour(100, 40, 4)
        picture[1, 1] = Picture.Colour(100, 0, 0)
        #expect(picture.halved().width == 2)
        #expect(picture.halved()[0, 0] == Picture.Colour(50, 10, 1))
        #expect(picture.halved()[1, 0] == Picture.Colour(0, 0, 0))
    }

    /// The chunks and their checksums follow ISO/IEC 15948; the test computes the checksums bit by bit.
    @Test func pngIsWellFormed() throws {
        var picture = Picture(width: 40, height: 5, filledWith: blue)
        for x in 0..<40 { picture[x, 2] = Picture.Colour(UInt8(6 * x), 9, 200) }
        let file = picture.png
        #expect(Array(file.prefix(8)) == [137, 80, 78, 71, 13, 10, 26, 10])
        var at = 8
        var names: [String] = []
        func word(_ place: Int) -> Int { file[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
        while at < file.count {
            let length = word(at)
            let body = Array(file[at + 4..<at + 8 + length])
            names.append(String(decoding: body.prefix(4), as: UTF8.self))
            #expect(word(at + 8 + length) == Int(Self.checksum(body)))
            if names.last == "IHDR" {
                #expect(body.dropFirst(4) == [0, 0, 0, 40, 0, 0, 0, 5, 8, 2, 0, 0, 0])
            }
            at += 12 + length
        }
        #expect(names == ["IHDR", "IDAT", "IEND"])
        #expect(file == picture.png)
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in
                sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1
            }
        }
    }

    @Test func rampsCoverTheirRange() {
        #expect(Ramp.viridis.colour(0) == Picture.Colour(0x44, 0x01, 0x54))
        #expect(Ramp.viridis.colour(1) == Picture.Colour(0xFD, 0xE7, 0x25))
        #expect(Ramp.viridis.colour(7) == Ramp.viridis.colour(1))
        #expect(Ramp.viridis.colour(.nan) == Ramp.viridis.colour(0))
        #expect(Ramp.differences.colour(0.5) == Picture.Colour(0xF7, 0xF7, 0xF7))
    }
}
