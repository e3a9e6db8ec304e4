/// The points of a chunk in point formats 6 to 10: a coder for each layer.
struct LayeredChunk<Coder: EntropyCoder>: Sendable {
    private let layout: LAZLayout
    private var point: PointCoder14<Coder>
    /// The layers of colours, infrared and packets, then one for each extra byte.
    private var others: [LAZLayer<Coder>]
    /// By scanner channel; nil before its first point.
    private var models: [OtherItems?] = [nil, nil, nil, nil]
    /// By scanner channel: what the next values are predicted from.
    private var lasts: [OtherItems.Values?] = [nil, nil, nil, nil]
    /// The channel that the other items were told last.
    private var context: Int

    /// How many layers a layout has.
    static func layers(of layout: LAZLayout) -> Int {
        PointLayers<Coder>.count + OtherItems.layers(of: layout)
    }

    /// A chunk that goes on from its first point, at the beginning of the records.
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

    /// All layers, when all points have been coded.
    var layers: [LAZLayer<Coder>] { point.layers.all + others }

    /// Whether a decoder read something that no encoder writes.
    var isDamaged: Bool { point.isDamaged }

    /// Codes the point at a place of the records.
    mutating func code(_ records: inout MutableSpan<UInt8>, at place: Int) {
        let hasSwitched = point.code(&records, at: place)
        guard !others.isEmpty else { return }
        // In version 3 the other items hear of a channel only from the point that switches to it,
        // and take every other point for one of channel 0; and where they know the channel, they
        // go on from the values of the one before, and keep them there. Version 4 mended both.
        let isOld = layout.version < 4
        let next = isOld && !hasSwitched ? 0 : point.channel
        let values = isOld && models[next] != nil ? context : next
        if models[next] == nil {
            models[next] = OtherItems(layout, decodes: !Coder.encodes)
            lasts[next] = lasts[context]
        }
        models[next]!.code(&records, at: place, layout, after: &lasts[values]!, &others)
        context = next
    }
}

/// What points of one scanner channel have besides the first 30 bytes, and how it changes.
struct OtherItems: Sendable {
    /// A point's values.
    struct Values: Sendable {
        var colour: (UInt16, UInt16, UInt16) = (0, 0, 0)
        var infrared: UInt16 = 0
        var packet: WavePacketCoder.Packet?
        var bytes: [UInt8] = []

        init(_ records: borrowing MutableSpan<UInt8>, at place: Int, _ layout: LAZLayout) {
            if let at = layout.colour {
                colour = (
                    records.u16(place + at), records.u16(place + at + 2),
                    records.u16(place + at + 4)
                )
            }
            if let at = layout.infrared { infrared = records.u16(place + at) }
            if let at = layout.packet {
                packet = WavePacketCoder.Packet(records, at: place + at)
            }
            for at in layout.bytes { bytes.append(records[place + at]) }
        }

        func put(in records: inout MutableSpan<UInt8>, at place: Int, _ layout: LAZLayout) {
            if let at = layout.colour {
                records.put(colour.0, at: place + at)
                records.put(colour.1, at: place + at + 2)
                records.put(colour.2, at: place + at + 4)
            }
            if let at = layout.infrared { records.put(infrared, at: place + at) }
            if let at = layout.packet { packet?.put(in: &records, at: place + at) }
            for (index, at) in layout.bytes.enumerated() { records[place + at] = bytes[index] }
        }
    }

    private var colour: ColourCoder
    private var infraredChanges: SymbolModel
    private var infrared: [SymbolModel]
    private var packet: WavePacketCoder
    private var bytes: [SymbolModel]

    /// How many layers these items have.
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

    /// Codes a point's items.
    ///
    /// - Parameter last: the values before; become this point's.
    mutating func code<Coder: EntropyCoder>(
        _ records: inout MutableSpan<UInt8>, at place: Int, _ layout: LAZLayout,
        after last: inout Values, _ layers: inout [LAZLayer<Coder>]
    ) {
        var layer = 0
        let here = Values(records, at: place, layout)
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
        if !Coder.encodes { last.put(in: &records, at: place, layout) }
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
