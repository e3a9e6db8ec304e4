/// Codes the first 30 bytes of point formats 6 to 10 (LASzip's POINT14, versions 3 and 4) in nine
/// layers with a coder each.
///
/// Each of the four scanner channels predicts from its own last point.
struct PointCoder14<Coder: EntropyCoder>: Sendable {
    private var channels: [ScannerChannel?] = [nil, nil, nil, nil]
    /// Scanner channel of the last point.
    private(set) var channel: Int
    private(set) var layers: PointLayers<Coder>
    /// Whether no encoder can have written the points decoded so far.
    private(set) var isDamaged = false

    /// Creates a coder that predicts from the uncompressed point at an offset of the records.
    init(
        after records: borrowing MutableSpan<UInt8>, at start: Int, layers: PointLayers<Coder>
    ) {
        let first = Point14(records, at: start)
        channel = first.channel
        self.layers = layers
        channels[channel] = ScannerChannel(after: first, decodes: !Coder.encodes)
    }

    /// Codes the point at an offset of the records.
    ///
    /// - Returns: whether the point's scanner channel differs from the last point's.
    mutating func code(_ records: inout MutableSpan<UInt8>, at start: Int) -> Bool {
        let point = Point14(records, at: start)
        let before = channel
        var symbol = 0
        if Coder.encodes {
            // A channel without a point yet starts from the last point of the previous channel.
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
            channels[channel]!.last.put(in: &records, at: start)
        }
        return channel != before
    }
}

/// Numbers of the first 30 bytes of a record.
struct Point14: Sendable {
    static let size = 30

    var x: Int32
    var y: Int32
    var z: Int32
    var intensity: UInt16
    var number: UInt8
    var returns: UInt8
    /// Classification flags, scan direction and edge of flight line: 6 bits.
    var flags: UInt8
    var channel: Int
    var classification: UInt8
    var userData: UInt8
    var angle: Int16
    var source: UInt16
    /// The bits of a Float64.
    var time: UInt64

    init(_ records: borrowing MutableSpan<UInt8>, at start: Int) {
        x = records.i32(start)
        y = records.i32(start + 4)
        z = records.i32(start + 8)
        intensity = records.u16(start + 12)
        number = records[start + 14] & 15
        returns = records[start + 14] >> 4
        flags = records[start + 15] & 15 | records[start + 15] >> 2 & 0x30
        channel = Int(records[start + 15] >> 4 & 3)
        classification = records[start + 16]
        userData = records[start + 17]
        angle = Int16(bitPattern: records.u16(start + 18))
        source = records.u16(start + 20)
        time = records.u64(start + 22)
    }

    func put(in records: inout MutableSpan<UInt8>, at start: Int) {
        records.put(x, at: start)
        records.put(y, at: start + 4)
        records.put(z, at: start + 8)
        records.put(intensity, at: start + 12)
        records[start + 14] = returns << 4 | number
        records[start + 15] = flags & 15 | (flags & 0x30) << 2 | UInt8(channel) << 4
        records[start + 16] = classification
        records[start + 17] = userData
        records.put(UInt16(bitPattern: angle), at: start + 18)
        records.put(source, at: start + 20)
        records.put(time, at: start + 22)
    }
}

/// A coder of one attribute; a layer in which no value changes has no bytes and is not used.
struct LAZLayer<Coder: EntropyCoder>: Sendable {
    var coder: Coder
    var isUsed: Bool

    /// Creates a layer to encode.
    init(writing coder: Coder, always isUsed: Bool = false) {
        self.coder = coder
        self.isUsed = isUsed
    }

    /// Creates a layer to decode; it is used if it has bytes.
    init(reading coder: Coder, isUsed: Bool) {
        self.coder = coder
        self.isUsed = isUsed
    }
}

/// The layers of ``PointCoder14`` in the order of the chunk.
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

    /// Creates the layers from a list of nine.
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

    /// The nine layers in the order of the chunk.
    var all: [LAZLayer<Coder>] {
        [positions, heights, classifications, flags, intensities, angles, userData, sources, times]
    }
}
