/// Codes the points of a chunk in point formats 0 to 5, with one coder for all items.
struct PointwiseChunk<Coder: EntropyCoder>: Sendable {
    private let layout: LAZLayout
    private(set) var coder: Coder
    private var point: PointCoder10
    private var time: GPSTimeCoder?
    private var colour: ColourCoder?
    private var lastColour: (UInt16, UInt16, UInt16) = (0, 0, 0)
    private var packet: WavePacketCoder?
    private var lastPacket: WavePacketCoder.Packet?
    private var bytes: [SymbolModel] = []
    private var lastBytes: [UInt8] = []
    private(set) var isDamaged = false

    /// Creates a chunk whose first point is uncompressed at the beginning of the records.
    init(_ layout: LAZLayout, after records: borrowing MutableSpan<UInt8>, coder: Coder) {
        self.layout = layout
        self.coder = coder
        let decodes = !Coder.encodes
        point = PointCoder10(after: records, at: 0, decodes: decodes)
        if let at = layout.time {
            time = GPSTimeCoder(after: records.u64(at), hasUnchanged: true, decodes: decodes)
        }
        if let at = layout.colour {
            colour = ColourCoder(decodes: decodes)
            lastColour = (records.u16(at), records.u16(at + 2), records.u16(at + 4))
        }
        if let at = layout.packet {
            packet = WavePacketCoder(decodes: decodes)
            lastPacket = WavePacketCoder.Packet(records, at: at)
        }
        for at in layout.bytes {
            bytes.append(SymbolModel(256, decodes: decodes))
            lastBytes.append(records[at])
        }
    }

    /// Returns the coder after the last point.
    consuming func finish() -> Coder { coder }

    /// Codes the point at an offset of the records.
    mutating func code(_ records: inout MutableSpan<UInt8>, at start: Int) {
        point.code(&records, at: start, with: &coder)
        if let at = layout.time.map({ start + $0 }) {
            if let value = time?.code(records.u64(at), with: &coder) {
                records.put(value, at: at)
            } else {
                isDamaged = true
            }
        }
        if let at = layout.colour.map({ start + $0 }) {
            var hasChanged = false
            let value = (records.u16(at), records.u16(at + 2), records.u16(at + 4))
            lastColour =
                colour?.code(value, after: lastColour, hasChanged: &hasChanged, with: &coder)
                ?? value
            records.put(lastColour.0, at: at)
            records.put(lastColour.1, at: at + 2)
            records.put(lastColour.2, at: at + 4)
        }
        if let at = layout.packet.map({ start + $0 }), let last = lastPacket {
            let value = WavePacketCoder.Packet(records, at: at)
            lastPacket = packet?.code(value, after: last, with: &coder)
            lastPacket?.put(in: &records, at: at)
        }
        for (index, offset) in layout.bytes.enumerated() {
            let at = start + offset
            let step = coder.symbol(Int(records[at] &- lastBytes[index]), &bytes[index])
            lastBytes[index] &+= UInt8(step)
            records[at] = lastBytes[index]
        }
    }
}
