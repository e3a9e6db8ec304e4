import Foundation
import Telemetry
import Testing

@Suite struct EventFileTests {
    private let folder = FileManager.default.temporaryDirectory.appending(
        path: "denju-events-" + UUID().uuidString
    ).path

    /// The records of a file, whose checksums are computed here bit by bit.
    private func records(_ path: String) throws -> [[UInt8]] {
        let bytes = Array(try Data(contentsOf: URL(filePath: path)))
        var at = 0
        var records: [[UInt8]] = []
        func number(_ place: Int, _ size: Int) -> UInt64 {
            (0..<size).reduce(0) { $0 | UInt64(bytes[place + $1]) << (8 * UInt64($1)) }
        }
        while at < bytes.count {
            let length = Int(number(at, 8))
            #expect(number(at + 8, 4) == Self.masked(Array(bytes[at..<at + 8])))
            let body = Array(bytes[at + 12..<at + 12 + length])
            #expect(number(at + 12 + length, 4) == Self.masked(body))
            records.append(body)
            at += 16 + length
        }
        return records
    }

    private static func masked(_ bytes: [UInt8]) -> UInt64 {
        let sum = ~bytes.reduce(UInt32.max) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in
                sum & 1 == 1 ? sum >> 1 ^ 0x82F6_3B78 : sum >> 1
            }
        }
        return UInt64(((sum >> 15) | (sum << 17)) &+ 0xA282_EAD8)
    }

    @Test("the checksum is CRC-32C") func checksumIsCRC32C() {
        // RFC 3720, B.4: "123456789" has the CRC-32C e3069283.
        #expect(
            Self.masked(Array("123456789".utf8))
                == UInt64(((0xE306_9283 >> 15) | (0xE306_9283 << 17) as UInt32) &+ 0xA282_EAD8))
    }

    @Test("a scalar has the bytes of an event") func scalarHasBytesOfEvent() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = try EventFile(in: folder, at: 0)
        try file.add([("loss", .scalar(0.5))], step: 300, at: 1)
        let records = try records(file.path)
        #expect(file.path.contains("tfevents"))
        // wall_time 0; file_version.
        #expect(
            records[0] == [0x09, 0, 0, 0, 0, 0, 0, 0, 0, 0x1A, 13] + Array("brain.Event:2".utf8))
        // wall_time 1; step 300; summary { value { tag: "loss", simple_value: 0.5 } }.
        #expect(
            records[1] == [
                0x09, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0x10, 0xAC, 0x02, 0x2A, 13, 0x0A, 11, 0x0A, 4,
                0x6C, 0x6F, 0x73, 0x73, 0x15, 0, 0, 0, 0x3F,
            ])
        #expect(records.count == 2)
    }

    @Test("a resumed run hides later steps") func resumedRunHidesLaterSteps() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = try EventFile(in: folder, at: 7, resumingAfter: 5)
        // wall_time; step 6; session_log { status: START }.
        #expect(
            try records(file.path)[1].suffix(6) == [0x10, 6, 0x3A, 2, 0x08, 1])
    }

    @Test("a histogram counts every finite number once")
    func histogramCountsEveryFiniteNumberOnce() throws {
        let histogram = try #require(Histogram(of: [-1, 0, 0.5, 1, .nan, .infinity], intervals: 4))
        #expect(histogram.counts == [1, 0, 1, 2])
        #expect(histogram.limits == [-0.5, 0, 0.5, 1])
        #expect(histogram.count == 4)
        #expect(histogram.sum == 0.5)
        #expect(histogram.squares == 2.25)
        #expect(Histogram(of: [Float.nan]) == nil)
        #expect(Histogram(of: [3, 3] as [Float])?.counts.reduce(0, +) == 2)
    }
}
