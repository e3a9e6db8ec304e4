/// A named feature of each point that a network reads, with the scale of its values.
///
/// The scale belongs to the network like its weights: every use of the network must apply it.
public struct Feature: Sendable, Hashable {
    /// The transformation of a value for the network: `(value - subtract) / divide`.
    public struct Scale: Sendable, Hashable {
        /// One number for each of the feature's values, or one for all.
        public var subtract: [Float]
        /// As ``subtract``; none is 0.
        public var divide: [Float]

        /// A scale of the given numbers.
        public init(subtract: [Float], divide: [Float]) {
            self.subtract = subtract
            self.divide = divide
        }
    }

    /// The name of a channel or of a feature that follows from the positions.
    public var name: String
    /// The scale; nil for the cloud's own values.
    public var scale: Scale?

    /// A feature by name.
    public init(_ name: String, scale: Scale? = nil) {
        self.name = name
        self.scale = scale
    }

    /// The features that follow from the positions, with their numbers of values.
    public static let derived = ["position": 3, "centred": 3, "height": 1, "distance": 1]
}

extension Feature: ExpressibleByStringLiteral {
    /// A feature by name, as it is.
    public init(stringLiteral name: String) { self.init(name) }
}

extension Feature: CustomStringConvertible {
    /// The name, and the numbers of the scale where there is one.
    public var description: String {
        func list(_ numbers: [Float]) -> String {
            numbers.map { "\($0)" }.joined(separator: ", ")
        }
        return scale.map {
            "\(name) (less \(list($0.subtract)), over \(list($0.divide)))"
        } ?? name
    }
}

extension Feature: Codable {
    private enum CodingKeys: CodingKey { case name, subtract, divide }

    /// Reads a name, or a name and the numbers of a scale.
    public init(from decoder: any Decoder) throws {
        if let name = try? decoder.singleValueContainer().decode(String.self) {
            self.init(name)
            return
        }
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            try values.decode(String.self, forKey: .name),
            scale: Scale(
                subtract: try values.decode([Float].self, forKey: .subtract),
                divide: try values.decode([Float].self, forKey: .divide)))
    }

    /// Writes the form that ``init(from:)`` reads.
    public func encode(to encoder: any Encoder) throws {
        guard let scale else {
            var value = encoder.singleValueContainer()
            try value.encode(name)
            return
        }
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(name, forKey: .name)
        try values.encode(scale.subtract, forKey: .subtract)
        try values.encode(scale.divide, forKey: .divide)
    }
}
