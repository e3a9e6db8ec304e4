import Messages
import Telemetry

/// Damaged messages for the decoder: each is refused in a sentence, or was a message after all and
/// is written back byte for byte as it was read.
package struct DecoderFuzz {
    /// What became of the messages.
    package struct Tally: Sendable {
        /// Messages in all.
        package var frames = 0
        /// Those that were messages after all.
        package var accepted = 0
        /// The others, by what was wrong with them.
        package var refused: [String: Int] = [:]
    }

    private let mutator: Mutator
    /// The tally so far.
    package private(set) var tally = Tally()

    /// Messages damaged as the seed says.
    package init(seed: UInt64) throws {
        mutator = Mutator(
            seed: seed,
            corpus: try Corpus.frames(run: RunID(high: 0x1112_1314, low: 0x0102_0304), epoch: 3))
    }

    /// The damaged message of that number.
    package func frames(_ number: UInt64) -> Frames { mutator.frames(number) }

    /// Has the decoder read one.
    ///
    /// Throws ``FuzzFinding`` if it took for valid what its writer would not write so.
    package mutating func read(_ number: UInt64) throws(FuzzFinding) {
        let frames = frames(number)
        tally.frames += 1
        do throws(MessageError) {
            guard frames.count >= 2 else {
                throw MessageError(.payloads, "The message has no envelope or no body.")
            }
            let sizes = frames.dropFirst(2).map(\.count)
            let (envelope, message) = try MessageCatalogue.decode(
                envelope: frames[0], body: frames[1], payloadSizes: sizes)
            let again = try message.encode(
                run: envelope.run, epoch: envelope.epoch, payloadSizes: sizes)
            guard again.envelope == frames[0], again.body == frames[1] else {
                throw MessageError(.value, "")
            }
            tally.accepted += 1
        } catch {
            guard error.description.hasSuffix(".") else {
                throw FuzzFinding(number, "was accepted, but is not what its writer writes")
            }
            tally.refused[error.problem.name, default: 0] += 1
        }
    }

    /// Reads all of a range, and looks now and then at the memory in use.
    ///
    /// - Parameters:
    ///   - memory: how many bytes the process may grow by.
    ///   - progress: told each number before it is read.
    package mutating func read(
        _ numbers: Range<UInt64>, memory: Int, progress: (UInt64) -> Void = { _ in }
    ) throws(FuzzFinding) {
        let before = MemoryUse.ofThisProcess(buffers: 0).peakBytes
        for number in numbers {
            progress(number)
            try read(number)
            guard number % 4096 == 0 || number == numbers.upperBound - 1 else { continue }
            let growth = MemoryUse.ofThisProcess(buffers: 0).peakBytes - before
            guard growth <= memory else {
                throw FuzzFinding(number, "or one shortly before it took \(growth >> 20) MiB")
            }
        }
    }
}

/// A message that is not dealt with as every message must be.
package struct FuzzFinding: Error, CustomStringConvertible {
    /// Its number.
    package let number: UInt64
    private let what: String

    init(_ number: UInt64, _ what: String) {
        self.number = number
        self.what = what
    }

    /// A clause that begins with the number.
    package var description: String { "message \(number) \(what)" }
}

extension MessageError.Problem {
    fileprivate var name: String {
        switch self {
        case .notDenju: "no denju message"
        case .version: "another version"
        case .unknownKind: "unknown kind"
        case .truncated: "cut short"
        case .trailing: "bytes left over"
        case .limit: "beyond a limit"
        case .value: "impossible value"
        case .payloads: "wrong payloads"
        }
    }
}
