/// Codes wave packets, the 29 bytes that locate a return's waveform; the offset usually follows from
/// the previous packet.
struct WavePacketCoder: Sendable {
    static let size = 29

    /// Numbers of the 29 bytes.
    struct Packet: Sendable, Equatable {
        var index: UInt8
        var offset: UInt64
        var size: Int32
        /// Position of the return in the packet and direction of the pulse, as bits of Float32.
        var rest: [Int32]

        init(_ records: borrowing MutableSpan<UInt8>, at start: Int) {
            index = records[start]
            offset = records.u64(start + 1)
            size = records.i32(start + 9)
            rest = [0, 0, 0, 0]
            for field in 0..<4 { rest[field] = records.i32(start + 13 + 4 * field) }
        }

        func put(in records: inout MutableSpan<UInt8>, at start: Int) {
            records[start] = index
            records.put(offset, at: start + 1)
            records.put(size, at: start + 9)
            for field in 0..<4 { records.put(rest[field], at: start + 13 + 4 * field) }
        }
    }

    private var index: SymbolModel
    private var offsetKinds: [SymbolModel]
    private var offsets: IntegerCoder
    private var sizes: IntegerCoder
    private var returnPoints: IntegerCoder
    private var directions: IntegerCoder
    private var lastKind = 0
    private var lastStep: Int32 = 0

    init(decodes: Bool) {
        index = SymbolModel(256, decodes: decodes)
        offsetKinds = (0..<4).map { _ in SymbolModel(4, decodes: decodes) }
        offsets = IntegerCoder(bits: 32, decodes: decodes)
        sizes = IntegerCoder(bits: 32, decodes: decodes)
        returnPoints = IntegerCoder(bits: 32, decodes: decodes)
        directions = IntegerCoder(bits: 32, contexts: 3, decodes: decodes)
    }

    /// Codes a packet given the previous one.
    mutating func code<Coder: EntropyCoder>(
        _ packet: Packet, after last: Packet, with coder: inout Coder
    ) -> Packet {
        var packet = packet
        packet.index = UInt8(coder.symbol(Int(packet.index), &index))
        packet.offset = code(packet.offset, after: last, with: &coder)
        packet.size = sizes.code(packet.size, predicted: last.size, with: &coder)
        packet.rest[0] = returnPoints.code(
            packet.rest[0], predicted: last.rest[0], with: &coder)
        for axis in 0..<3 {
            packet.rest[axis + 1] = directions.code(
                packet.rest[axis + 1], predicted: last.rest[axis + 1], context: axis,
                with: &coder)
        }
        return packet
    }

    private mutating func code<Coder: EntropyCoder>(
        _ offset: UInt64, after last: Packet, with coder: inout Coder
    ) -> UInt64 {
        var kind = 0
        var step: Int32 = 0
        if Coder.encodes {
            if let difference = Int32(exactly: Int64(bitPattern: offset &- last.offset)) {
                step = difference
                kind = step == 0 ? 0 : step == last.size ? 1 : 2
            } else {
                kind = 3
            }
        }
        lastKind = coder.symbol(kind, &offsetKinds[lastKind])
        switch lastKind {
        case 0: return last.offset
        case 1: return last.offset &+ UInt64(UInt32(bitPattern: last.size))
        case 2:
            lastStep = offsets.code(step, predicted: lastStep, with: &coder)
            return last.offset &+ UInt64(bitPattern: Int64(lastStep))
        default:
            let low = coder.word(UInt32(truncatingIfNeeded: offset))
            return UInt64(coder.word(UInt32(truncatingIfNeeded: offset >> 32))) << 32
                | UInt64(low)
        }
    }
}
