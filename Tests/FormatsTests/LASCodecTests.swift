import Formats
import Testing

@Suite struct LASCodecTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// The points exercise every part of the codec; `make.py` computed the sums from what laspy reads.
    @Test(
        "LAZ points decode to the bytes that laspy reads",
        arguments: [("dense3", 0xddff_55a4_a751_1884), ("dense10", 0x808c_5f26_7a8e_8ca5)])
    func decodesPointsOfLASzip(name: String, sum: UInt64) throws {
        let las = try LASFile(fixtures + "/las/\(name).laz")
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in try las.pointBytes() { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        #expect(hash == sum)
    }

    @Test("points are encoded to the bytes of LASzip", arguments: 0...10)
    func encodesAsLASzip(number: Int) throws {
        let original = fixtures + "/las/format\(number).laz"
        let copy = folder.path + "/copy.laz"
        try LASWriter.write(
            classifications: (0..<9).map { $0 % 3 }, like: original, to: copy)
        #expect(try bytes(of: copy) == bytes(of: original))
    }

    @Test("a written LAZ file differs in classifications only", arguments: [3, 10])
    func writingChangesClassificationsOnly(number: Int) throws {
        let original = fixtures + "/las/dense\(number).laz"
        let copy = folder.path + "/copy.laz"
        let classes = (0..<300).map { $0 * 7 % 32 }
        try LASWriter.write(classifications: classes, like: original, to: copy)
        let (before, after) = (try LASFile(original), try LASFile(copy))
        let (old, new) = (try before.pointBytes(), try after.pointBytes())
        let length = old.count / 300
        let offset = number > 5 ? 16 : 15
        for point in 0..<300 {
            for byte in 0..<length {
                let at = point * length + byte
                if byte != offset {
                    #expect(old[at] == new[at])
                } else if number > 5 {
                    #expect(Int(new[at]) == classes[point])
                } else {
                    #expect(Int(new[at]) == Int(old[at]) & 0xE0 | classes[point], "flags are kept")
                }
            }
        }
        let start = try Int(uint32(in: bytes(of: original), at: 96))
        #expect(
            try bytes(of: original)[..<start] == bytes(of: copy)[..<start], "the header is kept")
    }

    @Test("a class beyond the range of a point format is rejected")
    func classesBeyondAPointFormatAreRejected() throws {
        let copy = folder.path + "/copy.las"
        #expect {
            try LASWriter.write(
                classifications: [0, 1, 2, 64, 0, 0, 0, 0, 0],
                like: fixtures + "/las/format3.las", to: copy)
        } throws: {
            "\($0)".contains("Point 3 of the predictions for")
        }
        #expect(try folder.files() == [])
    }
}

private func uint32(in bytes: [UInt8], at: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(bytes[at + $1]) << UInt32(8 * $1) }
}
