/// The 30 bytes that point formats 6 to 10 begin with (LASzip's POINT14, versions 3 and 4), in
/// nine layers with a coder each.
///
/// Each of a scanner's four channels is predicted from its own last point.
struct PointCoder14<Coder: EntropyCoder>: Sendable {
    private var channels: [ScannerChannel?] = [nil, nil, nil, nil]
    /// The channel of the last point.
    private(set) var channel: Int
    private(set) var layers: PointLayers<Coder>
    /// Whether a decoder read something that no encoder writes.
    private(set) var isDamaged = false

    /// A coder that goes on from the point at a place of the records.
    init(
        after records: borrowing MutableSpan<UInt8>, at place: Int, layers: PointLayers<Coder>
    ) {
        let first = Point14(records, at: place)
        channel = first.channel
        self.layers = layers
        channels[channel] = ScannerChannel(after: first, decodes: !Coder.encodes)
    }

    /// Codes the point at a place of the records.
    ///
    /// - Returns: whether it is of another channel than the last.
    mutating func code(_ records: inout MutableSpan<UInt8>, at place: Int) -> Bool {
        let point = Point14(records, at: place)
        let before = channel
        var symbol = 0
        if Coder.encodes {
            let other = channels[point.channel] == nil ? channel : point.channel
            symbol = channels[other]!.changes(of: point) | (point.channel != channel ? 64 : 0)
        }
        symbol = channels[before]!.changes(symbol, with: &layers.positions.coder)
        if symbol & 64 != 0 {
            let step = channels[before]!.step(
                Coder.encodes ? (point.channel - channel + 3) & 3 : 0,
                with: &layers.positions.coder)
            channel = (channel + step + 1) & 3
            if channels[channel] == nil {
                channels[channel] = ScannerChannel(
                    after: channels[before]!.last, decodes: !Coder.encodes)
            }
        }
        let isSound = channels[channel]!.code(point, symbol, &layers)
        if !isSound { isDamaged = true }
        if !Coder.encodes {
            channels[channel]!.last.channel = channel
            channels[channel]!.last.put(in: &records, at: place)
        }
        return channel != before
    }
}

/// The first 30 bytes of a record as numbers.
struct Point14: Sendable {
    static let size = 30

    var x: Int32
    var y: Int32
    var z: Int32
    var intensity: UInt16
    var number: UInt8
    var returns: UInt8
    /// Classification flags, scan direction, edge of flight line: 6 bits.
    var flags: UInt8
    var channel: Int
    var classification: UInt8
    var userData: UInt8
    var angle: Int16
    var source: UInt16
    /// The bits of a Float64.
    var time: UInt64

    init(_ records: borrowing MutableSpan<UInt8>, at place: Int) {
        x = records.i32(place)
        y = records.i32(place + 4)
        z = records.i32(place + 8)
        intensity = records.u16(place + 12)
        number = records[place + 14] & 15
        returns = records[place + 14] >> 4
        flags = records[place + 15] & 15 | records[place + 15] >> 2 & 0x30
        channel = Int(records[place + 15] >> 4 & 3)
        classification = records[place + 16]
        userData = records[place + 17]
        angle = Int16(bitPattern: records.u16(place + 18))
        source = records.u16(place + 20)
        time = records.u64(place + 22)
    }

    func put(in records: inout MutableSpan<UInt8>, at place: Int) {
        records.put(x, at: place)
        records.put(y, at: place + 4)
        records.put(z, at: place + 8)
        records.put(intensity, at: place + 12)
        records[place + 14] = returns << 4 | number
        records[place + 15] = flags & 15 | (flags & 0x30) << 2 | UInt8(channel) << 4
        records[place + 16] = classification
        records[place + 17] = userData
        records.put(UInt16(bitPattern: angle), at: place + 18)
        records.put(source, at: place + 20)
        records.put(time, at: place + 22)
    }
}

/// A coder, and whether it has anything to say: a layer in which nothing changes has no bytes.
struct LAZLayer<Coder: EntropyCoder>: Sendable {
    var coder: Coder
    var isUsed: Bool

    /// A layer that is written.
    init(writing coder: Coder, always isUsed: Bool = false) {
        self.coder = coder
        self.isUsed = isUsed
    }

    /// A layer that is read, if it has bytes.
    init(reading coder: Coder, isUsed: Bool) {
        self.coder = coder
        self.isUsed = isUsed
    }
}

/// The layers of ``PointCoder14``, in the order in which they stand in a chunk.
struct PointLayers<Coder: EntropyCoder>: Sendable {
    static var count: Int { 9 }

    var positions: LAZLayer<Coder>
    var heights: LAZLayer<Coder>
    var classifications: LAZLayer<Coder>
    var flags: LAZLayer<Coder>
    var intensities: LAZLayer<Coder>
    var angles: LAZLayer<Coder>
    var userData: LAZLayer<Coder>
    var sources: LAZLayer<Coder>
    var times: LAZLayer<Coder>

    /// Layers from nine of them.
    init(_ all: [LAZLayer<Coder>]) {
        positions = all[0]
        heights = all[1]
        classifications = all[2]
        flags = all[3]
        intensities = all[4]
        angles = all[5]
        userData = all[6]
        sources = all[7]
        times = all[8]
    }

    /// All nine.
    var all: [LAZLayer<Coder>] {
        [positions, heights, classifications, flags, intensities, angles, userData, sources, times]
    }
}
