import TensorTesting
import Tensors

/// Damages messages: the same damage for the same seed and number on every machine.
package struct Mutator: Sendable {
    private let seed: UInt64
    private let corpus: [Frames]

    /// A mutator of the given valid messages.
    package init(seed: UInt64, corpus: [Frames]) {
        self.seed = seed
        self.corpus = corpus
    }

    /// The damaged message of that number.
    package func frames(_ number: UInt64) -> Frames {
        var random = CounterGenerator(seed: seed, sample: number, purpose: .init("fuzz"))
        var frames = random.element(of: corpus)
        for _ in 0...random.index(below: 3) { damage(&frames, &random) }
        return frames
    }

    private func damage(_ frames: inout Frames, _ random: inout CounterGenerator) {
        let place = random.index(below: max(frames.count, 1))
        switch random.index(below: 13) {
        case 0: frames.change(place) { $0.flip(&random) }
        case 1: frames.change(place) { $0.removeLast(random.index(below: $0.count + 1)) }
        case 2: frames.change(place) { $0 += random.bytes(below: 40) }
        case 3, 4: frames.change(place) { $0.forge(&random) }
        case 5:
            let other = random.element(of: corpus)
            guard other.indices.contains(place) else { return }
            frames.change(place) { $0.splice(other[place], &random) }
        case 6: frames.change(place) { $0.repeatPart(&random) }
        case 7 where !frames.isEmpty: frames.insert(frames[place], at: place)
        case 8 where !frames.isEmpty: frames.remove(at: place)
        case 9 where !frames.isEmpty: frames.swapAt(place, random.index(below: frames.count))
        case 10:
            // A valid envelope, and then noise.
            frames = [frames.first ?? [], random.bytes(below: 300)]
        case 11:
            // The envelope of one, the body of another, the payloads of a third.
            let (body, payloads) = (random.element(of: corpus), random.element(of: corpus))
            frames = Array(frames.prefix(1)) + body.dropFirst().prefix(1) + payloads.dropFirst(2)
        default:
            // 5000 are more frames than a socket accepts in a message.
            let count = random.index(below: 8) == 0 ? 5000 : random.index(below: 20)
            frames += Array(repeating: [], count: count)
        }
    }
}

extension [[UInt8]] {
    fileprivate mutating func change(_ place: Int, _ body: (inout [UInt8]) -> Void) {
        guard indices.contains(place) else { return }
        body(&self[place])
    }
}
