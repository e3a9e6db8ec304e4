package import Networks
package import Settings

/// Values that several objectives read besides numbers and words.
extension SettingsMapping {
    /// A list of numbers of at least 0, not all of them 0; nil where the key is absent.
    package func weights(_ key: String) throws -> [Double]? {
        guard let section = self[key] else { return nil }
        let numbers = try section.list().map {
            try $0.number("give a number from 0 up") { $0 >= 0 }
        }
        // With all weights 0 the loss is 0 / 0.
        guard numbers.contains(where: { $0 > 0 }) else {
            throw section.error("all weights of \(section.name) are 0: give one above 0.")
        }
        return numbers
    }

    /// Every key with a number of at least 0, by ascending key; not all of them 0.
    package func weightsByKey() throws -> [(key: String, weight: Double)] {
        let weights = try keys.sorted().map { (key: $0, weight: try nonNegative($0, default: 0)) }
        guard weights.contains(where: { $0.weight > 0 }) else {
            throw error("all weights of \(name) are 0: give one above 0.")
        }
        return weights
    }

    /// A list of taps, each of them once; nil where the key is absent.
    package func taps(_ key: String) throws -> [Tap]? {
        guard let section = self[key] else { return nil }
        let entries = try section.list()
        guard !entries.isEmpty else {
            throw section.error("\(section.name) is empty: give taps, such as [enc1, dec0].")
        }
        var taps: [Tap] = []
        for entry in entries {
            guard let tap = Tap(try entry.string()), !taps.contains(tap) else {
                throw entry.error(
                    "\(entry.name) is '\(try entry.string())': give a tap such as enc1 or dec0, each "
                        + "once.")
            }
            taps.append(tap)
        }
        return taps
    }

    /// A list of so many whole numbers within bounds; nil where the key is absent.
    package func integers(
        _ key: String, count: Int, in range: ClosedRange<Int>
    ) throws -> [Int]? {
        guard let section = self[key] else { return nil }
        let entries = try section.list()
        guard entries.count == count else {
            throw section.error("\(section.name) has \(entries.count) entries: give \(count).")
        }
        return try entries.map { try $0.integer(in: range) }
    }
}
