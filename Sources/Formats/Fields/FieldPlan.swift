import Archives

/// What becomes of a file's fields: which are coordinates, which is the label, and which make up
/// each channel.
package struct FieldPlan: Sendable, Equatable {
    /// A channel and the fields its values stand in.
    package struct Channel: Sendable, Equatable {
        package var name: String
        package var fields: [String]

        /// A channel of these fields.
        package init(name: String, fields: [String]) {
            self.name = name
            self.fields = fields
        }
    }

    /// The fields of x, y and z.
    package var position: [String]
    /// The field of the label; nil where files have none.
    package var label: String?
    package var channels: [Channel]

    /// What a recipe says about fields.
    package struct FieldRequest: Sendable {
        /// `data.fields`: what is called otherwise, by our names for it.
        package var fields: [String: [String]] = [:]
        /// `data.channels`: the channels to read; all there are where absent.
        package var channels: [String]?
        /// Channels that are left out unless they are asked for.
        package var unusual: Set<String> = []
        /// Channels of the format itself, with their fields.
        package var own: [Channel] = []

        /// FieldRequest of a kind of files; what a recipe says is set afterwards.
        package init(unusual: Set<String> = [], own: [Channel] = []) {
            self.unusual = unusual
            self.own = own
        }
    }

    /// Finds the fields of a source's files.
    ///
    /// - Parameters:
    ///   - names: the fields that every file of the source has.
    ///   - file: one of the files, for messages.
    package init(names: [String], wishes: FieldRequest, file: String) throws {
        var left = names
        let roles = ["position", "x", "y", "z", "label"]

        /// The fields as the files spell them, if there are all of them.
        func found(_ wanted: [String]) -> [String]? {
            let spelt = wanted.compactMap { name in
                names.first { $0 == name } ?? names.first { $0.lowercased() == name.lowercased() }
            }
            return spelt.count == wanted.count ? spelt : nil
        }

        /// The fields that the recipe names for a role, all of which must be there.
        func told(_ role: String) throws -> [String]? {
            guard let wanted = wishes.fields[role] else { return nil }
            guard let fields = found(wanted) else {
                let missing = wanted.filter { found([$0]) == nil }
                throw SourceError(
                    "data.fields takes \(role) from \(missing.map { "'\($0)'" }.listed()), which "
                        + "\(file) does not have: it has \(names.map { "'\($0)'" }.listed()).")
            }
            return fields
        }

        func take(_ fields: [String]) -> [String] {
            left.removeAll { fields.contains($0) }
            return fields
        }

        let axes = try ["x", "y", "z"].map { try told($0)?.first }
        if let whole = try told("position") {
            guard whole.count == 3 else {
                throw SourceError("data.fields.position must name three fields: x, y and z.")
            }
            position = whole
        } else {
            let usual = FieldNames.position.lazy.compactMap(found).first
            let chosen = axes.indices.compactMap { axes[$0] ?? usual?[$0] }
            guard chosen.count == 3 else {
                throw SourceError(
                    "The file \(file) has no coordinates by a name that is known: name them under "
                        + "data.fields (x, y, z) among \(names.map { "'\($0)'" }.listed()).")
            }
            position = chosen
        }
        _ = take(position)

        label =
            try told("label")?.first
            ?? FieldNames.label.lazy.compactMap { found([$0])?.first }.first
        if let label { _ = take([label]) }

        var channels: [Channel] = []
        func add(_ name: String, _ fields: [String]) {
            guard !channels.contains(where: { $0.name == name }) else { return }
            channels.append(Channel(name: name, fields: take(fields)))
        }
        for channel in wishes.own where wishes.fields[channel.name] == nil {
            if let fields = found(channel.fields) { add(channel.name, fields) }
        }
        for (name, spellings) in FieldNames.channels {
            if let fields = try told(name) {
                add(name, fields)
            } else if let fields = spellings.lazy.compactMap(found).first {
                add(name, fields)
            }
        }
        let known = roles + FieldNames.channels.map(\.name)
        for name in wishes.fields.keys.sorted() where !known.contains(name) {
            if let fields = try told(name) { add(name, fields) }
        }
        for (name, fields) in Self.grouped(left) { add(name, fields) }
        self.channels = try Self.chosen(channels, wishes: wishes, file: file)
    }

    /// The fields that are left as channels of their own; `a[0]`, `a[1]` … are one of several
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

    private static func chosen(
        _ channels: [Channel], wishes: FieldRequest, file: String
    ) throws -> [Channel] {
        guard let wanted = wishes.channels else {
            return channels.filter { channel in
                wishes.fields[channel.name] != nil
                    || !wishes.unusual.contains(channel.name)
                        && !FieldNames.bookkeeping.contains(channel.name.lowercased())
            }
        }
        return try wanted.map { name in
            guard let channel = channels.first(where: { $0.name == name }) else {
                throw SourceError(
                    "data.channels names '\(name)', which \(file) does not have: it has "
                        + "\(channels.map(\.name).listed()).")
            }
            return channel
        }
    }
}
