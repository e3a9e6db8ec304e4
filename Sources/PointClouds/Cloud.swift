/// Points of a scan with their features and labels.
public struct Cloud: Sendable {
    /// One named feature (intensity, colour, normal): `width` values a point.
    public struct Channel: Sendable, Equatable {
        /// `"intensity"` (0 … 1), `"colour"` (three values 0 … 1), or any other name.
        public var name: String
        /// Values a point.
        public var width: Int
        /// The values, point by point: `count * width` of them.
        ///
        /// NaN marks a value that a view has removed; sources have none.
        public var values: [Float]

        /// A channel of the given values.
        public init(name: String, width: Int = 1, values: [Float]) {
            self.name = name
            self.width = width
            self.values = values
        }

        /// The options of a reader that state the number of a full value, by channel with values from
        /// 0 to 1.
        package static let rangeOptions = [
            "intensity": "intensity-range", "colour": "colour-range",
            "near-infrared": "near-infrared-range",
        ]

        /// Whether name, width and bits are equal, so that two NaN are equal as well.
        public static func == (a: Channel, b: Channel) -> Bool {
            a.name == b.name && a.width == b.width && a.values.count == b.values.count
                && zip(a.values, b.values).allSatisfy { $0.bitPattern == $1.bitPattern }
        }
    }

    /// The label of a point that neither objectives nor metrics count.
    public static let ignored: Int32 = -1

    /// Positions in metres, relative to ``origin``.
    public var positions: [SIMD3<Float>]
    /// The zero of the positions in the data's own coordinates, in metres.
    public var origin: SIMD3<Double>
    /// Named features in a fixed order.
    public var channels: [Channel]
    /// The class of each point, 0 ..< classes, or ``ignored``; empty if the cloud is unlabelled.
    public var labels: [Int32]

    /// The number of points.
    public var count: Int { positions.count }

    /// A cloud of the given points.
    public init(
        positions: [SIMD3<Float>], origin: SIMD3<Double> = .zero, channels: [Channel] = [],
        labels: [Int32] = []
    ) {
        self.positions = positions
        self.origin = origin
        self.channels = channels
        self.labels = labels
    }

    /// The channel of a name; nil if the cloud has none.
    public subscript(channel name: String) -> Channel? { channels.first { $0.name == name } }
}
