import ZipArchives

/// Assignment of a file's fields to coordinates, label and channels.
package struct FieldPlan: Sendable, Equatable {
    /// A channel and the fields of its values.
    package struct Channel: Sendable, Equatable {
        package var name: String
        package var fields: [String]

        /// Creates a channel of the given fields.
        package init(name: String, fields: [String]) {
            self.name = name
            self.fields = fields
        }
    }

    /// Fields of x, y and z.
    package var position: [String]
    /// Field of the label; nil where files have none.
    package var label: String?
    package var channels: [Channel]

    /// Requirements of a recipe and a format for the choice of fields.
    package struct FieldRequest: Sendable {
        /// `data.fields`: names of fields by the coordinate, label or channel that they are read as.
        package var fields: [String: [String]] = [:]
        /// `data.channels`: the channels to read; nil for all.
        package var channels: [String]?
        /// Channels that are left out unless the recipe names them.
        package var unusual: Set<String> = []
        /// Channels that only this format has, with their fields.
        package var own: [Channel] = []
        /// Whether labels are read; a command that labels scans does not need theirs.
        package var readsLabels = true
        /// Place of the settings, for messages.
        package var place = SettingsPlace.recipe

        /// Creates the request of a format; the recipe's settings are added afterwards.
        package init(unusual: Set<String> = [], own: [Channel] = []) {
            self.unusual = unusual
            self.own = own
        }
    }

    /// Assigns the fields of a source's files; throws if the recipe names a missing field or if there
    /// are no coordinates.
    ///
    /// - Parameters:
    ///   - names: the fields that every file of the source has.
    ///   - request: requirements of the recipe and the format.
    ///   - file: one of the files, for messages.
    package init(names: [String], request: FieldRequest, file: String) throws {
        var unassigned = names
        let roles = ["position", "x", "y", "z", "label"]

        /// Finds fields in the files' spelling; nil unless all of them exist.
        func found(_ wanted: [String]) -> [String]? {
            // An exact match wins: a file can have both `Label` and `label`.
            let spelt = wanted.compactMap { name in
                names.first { $0 == name } ?? names.first { $0.lowercased() == name.lowercased() }
            }
            return spelt.count == wanted.count ? spelt : nil
        }

        /// Finds the fields that the recipe names for a role; throws if one is missing.
        func requested(_ role: String) throws -> [String]? {
            guard let wanted = request.fields[role] else { return nil }
            guard let fields = found(wanted) else {
                let missing = wanted.filter { found([$0]) == nil }
                let from = missing.map { "'\($0)'" }.listed()
                let there = names.map { "'\($0)'" }.listed()
                throw SourceError(
                    request.place == .recipe
                        ? "data.fields takes \(role) from \(from), which \(file) does not have: "
                            + "it has \(there)."
                        : "\(role) is taken from \(from), as --field or the model's data say, "
                            + "which \(file) does not have: it has \(there); give --field "
                            + "\(role)=NAME.")
            }
            return fields
        }

        func take(_ fields: [String]) -> [String] {
            unassigned.removeAll { fields.contains($0) }
            return fields
        }

        let axes = try ["x", "y", "z"].map { try requested($0)?.first }
        if let whole = try requested("position") {
            guard whole.count == 3 else {
                throw SourceError(
                    "\(request.place == .recipe ? "data.fields.position" : "--field position") "
                        + "must name three fields: x, y and z.")
            }
            position = whole
        } else {
            let usual = FieldNames.position.lazy.compactMap(found).first
            let chosen = axes.indices.compactMap { axes[$0] ?? usual?[$0] }
            guard chosen.count == 3 else {
                throw SourceError(
                    "The file \(file) has no coordinates under a known name: name them "
                        + (request.place == .recipe
                            ? "under data.fields (x, y, z)"
                            : "with --field x=NAME, --field y=NAME and --field z=NAME")
                        + " among \(names.map { "'\($0)'" }.listed()).")
            }
            position = chosen
        }
        _ = take(position)

        let usualLabel = FieldNames.label.lazy.compactMap { found([$0])?.first }.first
        // The name of an array of several columns stands for the first one.
        let namedLabel = request.fields["label"].flatMap { wanted in
            found(wanted) ?? found(wanted.map { $0 + "[0]" })
        }?.first
        if request.readsLabels {
            // A model's data name the field of its labels, which a scan to be drawn need not have.
            label =
                request.place == .command
                ? namedLabel ?? usualLabel
                : try namedLabel ?? requested("label")?.first ?? usualLabel
            if let label { _ = take([label]) }
        } else {
            // Not needed, hence not demanded; but a field of labels is no channel either.
            label = nil
            let there = request.fields["label"] == nil ? usualLabel : namedLabel
            if let there { _ = take([there]) }
        }
        // Nor are the further columns of an array of labels that the recipe names as a whole.
        for name in request.fields["label"] ?? [] where found([name]) == nil {
            unassigned.removeAll { $0.lowercased().hasPrefix(name.lowercased() + "[") }
        }

        var channels: [Channel] = []
        func add(_ name: String, _ fields: [String]) {
            guard !channels.contains(where: { $0.name == name }) else { return }
            channels.append(Channel(name: name, fields: take(fields)))
        }
        // Channels that a recipe maps are left to `requested`, which reports missing fields.
        for channel in request.own where request.fields[channel.name] == nil {
            if let fields = found(channel.fields) { add(channel.name, fields) }
        }
        for (name, spellings) in FieldNames.channels {
            if let fields = try requested(name) {
                add(name, fields)
            } else if let fields = spellings.lazy.compactMap(found).first {
                add(name, fields)
            }
        }
        let known = roles + FieldNames.channels.map(\.name)
        // Sorted: the order of channels must not depend on the order of a dictionary.
        for name in request.fields.keys.sorted() where !known.contains(name) {
            if let fields = try requested(name) { add(name, fields) }
        }
        for (name, fields) in Self.grouped(unassigned) { add(name, fields) }
        self.channels = try Self.chosen(channels, request: request, file: file)
    }

    /// Makes a channel of each remaining field; `a[0]`, `a[1]` and so on form one channel of several
    /// values.
    private static func grouped(_ names: [String]) -> [(name: String, fields: [String])] {
        var groups: [(name: String, fields: [String])] = []
        for field in names {
            var name = field
            if field.hasSuffix("]"), let bracket = field.lastIndex(of: "["),
                Int(field[field.index(after: bracket)...].dropLast()) != nil
            {
                name = String(field[..<bracket])
            }
            if let place = groups.firstIndex(where: { $0.name == name }), name != field {
                groups[place].fields.append(field)
            } else {
                groups.append((name, [field]))
            }
        }
        return groups
    }

    /// Selects the channels that the recipe asks for; without a list all but the unusual ones.
    private static func chosen(
        _ channels: [Channel], request: FieldRequest, file: String
    ) throws -> [Channel] {
        guard let wanted = request.channels else {
            return channels.filter { channel in
                request.fields[channel.name] != nil
                    || !request.unusual.contains(channel.name)
                        && !FieldNames.bookkeeping.contains(channel.name.lowercased())
                        && !FieldNames.isNeverChannel(channel.name)
            }
        }
        return try wanted.map { name in
            // A model of an earlier version may have learnt from such a channel, which it still reads.
            guard
                request.place == .command || request.fields[name] != nil
                    || !FieldNames.isNeverChannel(name)
            else {
                throw SourceError(
                    "data.channels names '\(name)', which is never an input channel, since it "
                        + (FieldNames.isSegment(name)
                            ? "holds labels" : "is no property of a point")
                        + ": leave it out.")
            }
            guard let channel = channels.first(where: { $0.name == name }) else {
                let there = channels.map(\.name).listed()
                throw SourceError(
                    request.place == .recipe
                        ? "data.channels names '\(name)', which \(file) does not have: it has "
                            + "\(there)."
                        : "The model reads '\(name)', which \(file) does not have: it has "
                            + "\(there); \(request.place.naming(name)), if it has it by another "
                            + "name.")
            }
            return channel
        }
    }
}
