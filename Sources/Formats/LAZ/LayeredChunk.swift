/// Codes the points of a chunk in point formats 6 to 10, with a coder per layer.
struct LayeredChunk<Coder: EntropyCoder>: Sendable {
    private let layout: LAZLayout
    private var point: PointCoder14<Coder>
    /// Layers of colours, infrared and packets, then one per extra byte.
    private var others: [LAZLayer<Coder>]
    /// Models by scanner channel; nil before its first point.
    private var models: [OtherItems?] = [nil, nil, nil, nil]
    /// Values that the next ones are predicted from, by scanner channel.
    private var lasts: [OtherItems.Values?] = [nil, nil, nil, nil]
    /// Scanner channel of the other items' last values.
    private var context: Int

    /// Number of layers of a layout.
    static func layers(of layout: LAZLayout) -> Int {
        PointLayers<Coder>.count + OtherItems.layers(of: layout)
    }

    /// Creates a chunk whose first point is uncompressed at the beginning of the records.
    init(
        _ layout: LAZLayout, after records: borrowing MutableSpan<UInt8>,
        layers: [LAZLayer<Coder>]
    ) {
        self.layout = layout
        let first = Array(layers.prefix(PointLayers<Coder>.count))
        point = PointCoder14(after: records, at: 0, layers: PointLayers(first))
        others = Array(layers.dropFirst(first.count))
        context = point.channel
        models[context] = OtherItems(layout, decodes: !Coder.encodes)
        lasts[context] = OtherItems.Values(records, at: 0, layout)
    }

    /// All layers in the order of the chunk.
    var layers: [LAZLayer<Coder>] { point.layers.all + others }

    /// Whether no encoder can have written the points decoded so far.
    var isDamaged: Bool { point.isDamaged }

    /// Codes the point at an offset of the records.
    mutating func code(_ records: inout MutableSpan<UInt8>, at start: Int) {
        let hasSwitched = point.code(&records, at: start)
        guard !others.isEmpty else { return }
        // LASzip's version 3 has two defects that its files depend on. The other items learn of a
        // channel only from the point that switches to it and treat every other point as one of
        // channel 0. And with a known channel they continue from the values of the previous channel
        // and store the new values there. Version 4 corrected both.
        let isOld = layout.version < 4
        let next = isOld && !hasSwitched ? 0 : point.channel
        let values = isOld && models[next] != nil ? context : next
        if models[next] == nil {
            models[next] = OtherItems(layout, decodes: !Coder.encodes)
            lasts[next] = lasts[context]
        }
        models[next]!.code(&records, at: start, layout, after: &lasts[values]!, &others)
        context = next
    }
}

/// Models of the items behind the first 30 bytes of a point, for one scanner channel.
struct OtherItems: Sendable {
    /// Values of a point's items.
    struct Values: Sendable {
        var colour: (UInt16, UInt16, UInt16) = (0, 0, 0)
        var infrared: UInt16 = 0
        var packet: WavePacketCoder.Packet?
        var bytes: [UInt8] = []

        init(_ records: borrowing MutableSpan<UInt8>, at start: Int, _ layout: LAZLayout) {
            if let at = layout.colour {
                colour = (
                    records.u16(start + at), records.u16(start + at + 2),
                    records.u16(start + at + 4)
                )
            }
            if let at = layout.infrared { infrared = records.u16(start + at) }
            if let at = layout.packet {
                packet = WavePacketCoder.Packet(records, at: start + at)
            }
            for at in layout.bytes { bytes.append(records[start + at]) }
        }

        func put(in records: inout MutableSpan<UInt8>, at start: Int, _ layout: LAZLayout) {
            if let at = layout.colour {
                records.put(colour.0, at: start + at)
                records.put(colour.1, at: start + at + 2)
                records.put(colour.2, at: start + at + 4)
            }
            if let at = layout.infrared { records.put(infrared, at: start + at) }
            if let at = layout.packet { packet?.put(in: &records, at: start + at) }
            for (index, at) in layout.bytes.enumerated() { records[start + at] = bytes[index] }
        }
    }

    private var colour: ColourCoder
    private var infraredChanges: SymbolModel
    private var infrared: [SymbolModel]
    private var packet: WavePacketCoder
    private var bytes: [SymbolModel]

    /// Number of layers of these items.
    static func layers(of layout: LAZLayout) -> Int {
        [layout.colour, layout.infrared, layout.packet].count { $0 != nil } + layout.bytes.count
    }

    init(_ layout: LAZLayout, decodes: Bool) {
        colour = ColourCoder(decodes: decodes)
        infraredChanges = SymbolModel(4, decodes: decodes)
        infrared = (0..<2).map { _ in SymbolModel(256, decodes: decodes) }
        packet = WavePacketCoder(decodes: decodes)
        bytes = layout.bytes.map { _ in SymbolModel(256, decodes: decodes) }
    }

    /// Codes a point's items and replaces `last` by this point's values.
    mutating func code<Coder: EntropyCoder>(
        _ records: inout MutableSpan<UInt8>, at start: Int, _ layout: LAZLayout,
        after last: inout Values, _ layers: inout [LAZLayer<Coder>]
    ) {
        var layer = 0
        let here = Values(records, at: start, layout)
        // A layer without bytes decodes to the previous values, so an encoder marks a layer as used
        // only once a value differs.
        if layout.colour != nil {
            var hasChanged = layers[layer].isUsed
            if Coder.encodes || layers[layer].isUsed {
                last.colour = colour.code(
                    here.colour, after: last.colour, hasChanged: &hasChanged,
                    with: &layers[layer].coder)
            }
            layers[layer].isUsed = hasChanged
            layer += 1
        }
        if layout.infrared != nil {
            code(here.infrared, after: &last.infrared, &layers[layer])
            layer += 1
        }
        if layout.packet != nil, let value = here.packet, let before = last.packet {
            if Coder.encodes && value != before { layers[layer].isUsed = true }
            if Coder.encodes || layers[layer].isUsed {
                last.packet = packet.code(value, after: before, with: &layers[layer].coder)
            }
            layer += 1
        }
        for index in here.bytes.indices {
            let step = here.bytes[index] &- last.bytes[index]
            if Coder.encodes && step != 0 { layers[layer].isUsed = true }
            if Coder.encodes || layers[layer].isUsed {
                last.bytes[index] &+= UInt8(
                    layers[layer].coder.symbol(Int(step), &bytes[index]))
            }
            layer += 1
        }
        if !Coder.encodes { last.put(in: &records, at: start, layout) }
    }

    private mutating func code<Coder: EntropyCoder>(
        _ value: UInt16, after last: inout UInt16, _ layer: inout LAZLayer<Coder>
    ) {
        if Coder.encodes && value != last { layer.isUsed = true }
        guard Coder.encodes || layer.isUsed else { return }
        let change = value ^ last
        let symbol = layer.coder.symbol(
            (change & 0xFF != 0 ? 1 : 0) | (change >> 8 != 0 ? 2 : 0), &infraredChanges)
        for byte in 0..<2 where symbol & 1 << byte != 0 {
            let shift = UInt16(8 * byte)
            let old = last >> shift & 0xFF
            let step = (value >> shift &- old) & 0xFF
            let new = (old + UInt16(layer.coder.symbol(Int(step), &infrared[byte]))) & 0xFF
            last = last & ~(0xFF << shift) | new << shift
        }
    }
}
