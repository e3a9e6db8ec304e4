import Messages
import Telemetry

/// Has the decoder read damaged messages: each is rejected with a sentence, or is valid after all and is
/// written back byte for byte as it was read.
package struct DecoderFuzz {
    /// Counts of the decoder's decisions.
    package struct Tally: Sendable {
        /// Messages.
        package var frames = 0
        /// Messages that were valid after all.
        package var accepted = 0
        /// Rejected messages by their problem.
        package var refused: [String: Int] = [:]
    }

    private let mutator: Mutator
    /// The tally so far.
    package private(set) var tally = Tally()

    /// Messages damaged according to a seed.
    package init(seed: UInt64) throws {
        mutator = Mutator(
            seed: seed,
            corpus: try Corpus.frames(run: RunID(high: 0x1112_1314, low: 0x0102_0304), epoch: 3))
    }

    /// The damaged message of that number.
    package func frames(_ number: UInt64) -> Frames { mutator.frames(number) }

    /// Has the decoder read one.
    ///
    /// Throws ``FuzzFinding`` if the decoder accepts bytes that its writer would not write.
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
            // Readers complain in sentences; the difference found above has none.
            guard error.description.hasSuffix(".") else {
                throw FuzzFinding(number, "was accepted, but is not what its writer writes")
            }
            tally.refused[error.problem.name, default: 0] += 1
        }
    }

    /// Reads the messages of a range, and checks the memory in use at intervals.
    ///
    /// - Parameters:
    ///   - memory: the bytes by which the process may grow.
    ///   - progress: receives each number before its message is read.
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

/// A damaged message that was not handled as every message must be.
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
