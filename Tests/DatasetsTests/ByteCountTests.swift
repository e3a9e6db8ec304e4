import Datasets
import Testing

@Suite struct ByteCountTests {
    @Test(
        "numbers of bytes are read with units",
        arguments: [
            ("20 GB", 20_000_000_000), ("512MB", 512_000_000), ("1.5 kB", 1500), ("4096", 4096),
            (" 7 B ", 7), ("2 GiB", 2 << 30), ("0.5 TiB", 1 << 39), ("3 TB", 3_000_000_000_000),
        ])
    func numbersOfBytesAreReadWithUnits(text: String, bytes: Int) {
        #expect(ByteCount(text)?.bytes == bytes)
    }

    @Test(
        "other texts are rejected",
        arguments: [
            "", "GB", "much", "-1 GB", "1 G B", "1e3", "5 gb", "1.2.3 MB", "9999999999 TB",
        ])
    func otherTextsAreRejected(text: String) {
        #expect(ByteCount(text) == nil)
    }
}
