import DatasetTesting
import Testing

/// The short form of `denju-bench readers`.
@Suite struct ReaderFuzzTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("a damaged file is rejected in a sentence or read", arguments: ReaderFuzz.formats)
    func damagedFileIsRejectedOrRead(format: String) throws {
        var fuzz = try ReaderFuzz(
            seed: 1, format: format, samples: Fixture.folder, scratch: folder.path)
        for number in 0..<200 as Range<UInt64> {
            do throws(ReaderFinding) { try fuzz.read(number) } catch { Issue.record("\(error)") }
        }
        #expect(fuzz.tally.files == 200)
        #expect(
            try fuzz.file(7).bytes
                == ReaderFuzz(
                    seed: 1, format: format, samples: Fixture.folder, scratch: folder.path
                ).file(7).bytes)
        // Damage that leaves nothing to read would test the first check of every reader alone. A PLY
        // file with a byte too many or too few is rejected, so that fewer of them are read than of
        // other formats.
        #expect(fuzz.tally.scans + fuzz.tally.labels > 20)
    }
}
