import PointClouds

// Settings that the public implementations of several networks share.

extension KeyedDecodingContainer {
    /// Replaces a value if the container has the key.
    func read<Value: Decodable>(_ key: Key, into value: inout Value) throws {
        if let given = try decodeIfPresent(Value.self, forKey: key) { value = given }
    }

    /// The error of a setting, one sentence.
    func refusal(of key: Key, _ sentence: String) -> DecodingError {
        .dataCorruptedError(forKey: key, in: self, debugDescription: sentence)
    }

    /// The configuration that a preset names; nil without the key.
    func preset<Configuration>(
        _ key: Key, of presets: [(name: String, configuration: Configuration)]
    ) throws -> Configuration? {
        guard let name = try decodeIfPresent(String.self, forKey: key) else { return nil }
        if let found = presets.first(where: { $0.name == name }) { return found.configuration }
        let names = presets.map(\.name).joined(separator: ", ")
        throw refusal(of: key, "There is no preset '\(name)'; choose one of \(names).")
    }

    /// Replaces the curves; the public implementations accept a single one without a list.
    func readCurves(_ key: Key, into curves: inout [CurveOrder]) throws {
        if let curve = try? decode(CurveOrder.self, forKey: key) {
            curves = [curve]
        } else {
            try read(key, into: &curves)
        }
    }
}

extension KeyedDecodingContainer where Key: RawRepresentable<String> {
    /// Throws if a setting of which only one value is supported has another.
    func check(_ key: Key, isOnly offered: Bool) throws {
        var given = offered
        try read(key, into: &given)
        guard given == offered else {
            throw refusal(
                of: key,
                "\(key.rawValue) is \(given), which is not offered here; set it to \(offered) or "
                    + "leave it out.")
        }
    }
}
