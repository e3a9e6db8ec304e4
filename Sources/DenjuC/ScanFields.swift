import CDenju
import DenjuInference
import PointClouds

/// The fields of a scan in the caller's buffers.
@safe struct ScanFields {
    private let points: Int
    private var fields: [String: denju_field] = unsafe [:]

    /// Checks the fields; their numbers are read on request.
    init(_ fields: UnsafePointer<denju_field>?, count: Int, points: Int) throws {
        guard points >= 0, points <= Int32.max else {
            throw CallError.invalid("A scan has 0 to \(Int32.max) points.")
        }
        self.points = points
        guard let fields = unsafe fields else {
            throw CallError.invalid("denju_label needs fields: x, y, z and the model's channels.")
        }
        for place in 0..<max(count, 0) {
            let field = unsafe fields[place]
            guard let text = unsafe field.name else {
                throw CallError.invalid("Field \(place) has no name.")
            }
            let name = unsafe String(cString: text)
            guard unsafe field.first != nil || points == 0 else {
                throw CallError.invalid("The field '\(name)' has no numbers: its first is NULL.")
            }
            guard unsafe NumberType(rawValue: field.type) != nil else {
                throw CallError.invalid(
                    "The field '\(name)' has type \(unsafe field.type): give a denju_type, 1 to 8.")
            }
            guard unsafe field.scale.isFinite, unsafe field.offset.isFinite else {
                throw CallError.invalid("The scale or offset of the field '\(name)' is not finite.")
            }
            guard unsafe self.fields.updateValue(field, forKey: name) == nil else {
                throw CallError.invalid("There are two fields '\(name)'.")
            }
        }
    }

    /// The numbers of a field, one for each point.
    private func values(of name: String) throws -> [Double] {
        guard let field = unsafe fields[name] else {
            let given = unsafe fields.keys.sorted().map { "'\($0)'" }.joined(separator: ", ")
            throw CallError.invalid(
                "The model reads '\(name)', which the scan does not have: it has "
                    + "\(given.isEmpty ? "no field" : given).")
        }
        guard points > 0, let first = unsafe field.first,
            let type = unsafe NumberType(rawValue: field.type)
        else { return [] }
        let (stride, scale, offset) =
            unsafe (
                field.stride == 0 ? type.size : field.stride, field.scale == 0 ? 1 : field.scale,
                field.offset
            )
        var values = unsafe type.values(
            at: first, stride: stride, count: points, isBigEndian: field.big_endian != 0)
        if scale != 1 || offset != 0 {
            for place in values.indices { values[place] = values[place] * scale + offset }
        }
        return values
    }

    /// The cloud that the model reads, and the points of the scan that it contains; nil for all.
    func cloud(
        for inputs: ModelInputs, skippingInvalid: Bool
    ) throws -> (cloud: Cloud, kept: [Int32]?) {
        var axes = try ["x", "y", "z"].map { try values(of: $0) }
        let kept = try kept(of: axes, skippingInvalid || inputs.dropsInvalid)
        if let kept { axes = axes.map { axis in kept.map { axis[Int($0)] } } }
        let origin = inputs.centres ? Cloud.middle(of: axes) : .zero
        try check(axes, origin: origin, kept, isCentred: inputs.centres)
        let positions = axes[0].indices.map { row in
            SIMD3<Float>(SIMD3(axes[0][row], axes[1][row], axes[2][row]) - origin)
        }
        let channels = try inputs.channels.map { channel in
            try self.channel(channel, of: kept, points: positions.count)
        }
        return (Cloud(positions: positions, origin: origin, channels: channels), kept)
    }

    /// The points with finite coordinates; nil for all.
    private func kept(of axes: [[Double]], _ skips: Bool) throws -> [Int32]? {
        for (axis, name) in zip(axes, ["x", "y", "z"]) {
            guard let point = axis.firstIndex(where: { !$0.isFinite }) else { continue }
            guard skips else {
                throw CallError.invalid(
                    "Point \(point) has \(axis[point]) as its '\(name)': set skip_invalid to leave "
                        + "such points out.")
            }
            return (0..<points).filter { row in axes.allSatisfy { $0[row].isFinite } }
                .map(Int32.init)
        }
        return nil
    }

    private func check(
        _ axes: [[Double]], origin: SIMD3<Double>, _ kept: [Int32]?, isCentred: Bool
    ) throws {
        let limit = isCentred ? Cloud.largestDistance : Cloud.largestCoordinate
        for (axis, name) in ["x", "y", "z"].enumerated() {
            guard let row = axes[axis].firstIndex(where: { abs($0 - origin[axis]) > limit })
            else { continue }
            throw CallError.invalid(
                "Point \(kept.map { Int($0[row]) } ?? row) has \(axes[axis][row]) as its '\(name)', "
                    + (isCentred
                        ? "more than \(Int(limit)) m from the middle of the scan: leave out stray points."
                        : "more than \(Int(limit)) m from zero, where Float32 loses millimetres: give "
                            + "positions relative to the sensor."))
        }
    }

    private func channel(
        _ channel: ModelInputs.Channel, of kept: [Int32]?, points: Int
    ) throws -> Cloud.Channel {
        let width = channel.fields.count
        var numbers = [Float](repeating: 0, count: points * width)
        for (column, name) in channel.fields.enumerated() {
            let values = try values(of: name)
            for point in 0..<points {
                let row = kept.map { Int($0[point]) } ?? point
                var value = values[row]
                guard value.isFinite, Float(value).isFinite else {
                    throw CallError.invalid(
                        "Point \(row) has \(value) as its '\(name)', which the model reads: give a "
                            + "finite number.")
                }
                if let full = channel.full { value = max(0, min(1, value / full)) }
                numbers[point * width + column] = Float(value)
            }
        }
        return Cloud.Channel(name: channel.name, width: width, values: numbers)
    }
}

/// The types of numbers by their codes in `denju_type`.
private enum NumberType: UInt32 {
    case int8 = 1
    case uint8, int16, uint16, int32, uint32, float32, float64

    /// The bytes of a number.
    var size: Int {
        switch self {
        case .int8, .uint8: 1
        case .int16, .uint16: 2
        case .int32, .uint32, .float32: 4
        case .float64: 8
        }
    }

    /// The numbers at `count` places, `stride` bytes apart.
    func values(
        at first: UnsafeRawPointer, stride: Int, count: Int, isBigEndian: Bool
    ) -> [Double] {
        func read<Stored: FixedWidthInteger & BitwiseCopyable>(
            _: Stored.Type, _ number: (Stored) -> Double
        ) -> [Double] {
            (0..<count).map { point in
                let stored = unsafe first.loadUnaligned(
                    fromByteOffset: point * stride, as: Stored.self)
                return number(
                    isBigEndian ? Stored(bigEndian: stored) : Stored(littleEndian: stored))
            }
        }
        return switch self {
        case .int8: read(Int8.self) { Double($0) }
        case .uint8: read(UInt8.self) { Double($0) }
        case .int16: read(Int16.self) { Double($0) }
        case .uint16: read(UInt16.self) { Double($0) }
        case .int32: read(Int32.self) { Double($0) }
        case .uint32: read(UInt32.self) { Double($0) }
        case .float32: read(UInt32.self) { Double(Float(bitPattern: $0)) }
        case .float64: read(UInt64.self) { Double(bitPattern: $0) }
        }
    }
}
