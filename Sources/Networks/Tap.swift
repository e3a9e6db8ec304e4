/// A place in a network where features can be read.
///
/// In recipes it is written as in the parameter names: `enc2`, `dec0`.
public enum Tap: Hashable, Sendable {
    /// After the last block of an encoder stage; 0 is the finest.
    case encoder(Int)
    /// After the last block of a decoder stage; 0 is the finest, which computes last.
    case decoder(Int)

    /// The last per-point features before the head.
    public static let lastDecoderStage = Tap.decoder(0)

    /// The stage of the hierarchy whose rows the features stand for.
    public var stage: Int {
        switch self {
        case .encoder(let stage), .decoder(let stage): stage
        }
    }
}

extension Tap: LosslessStringConvertible {
    /// The tap written `enc2` or `dec0`; nil if the text is neither.
    public init?(_ description: String) {
        guard let stage = Int(description.dropFirst(3)), stage >= 0, stage < 100 else { return nil }
        switch description.prefix(3) {
        case "enc": self = .encoder(stage)
        case "dec": self = .decoder(stage)
        default: return nil
        }
        guard self.description == description else { return nil }
    }

    /// `enc2` or `dec0`.
    public var description: String {
        switch self {
        case .encoder(let stage): "enc\(stage)"
        case .decoder(let stage): "dec\(stage)"
        }
    }
}

extension Tap: Codable {
    /// Reads `enc2` or `dec0`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let tap = Tap(text) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "'\(text)' is no tap; write enc0, enc1, … or dec0, dec1, ….")
        }
        self = tap
    }

    /// Writes `enc2` or `dec0`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
