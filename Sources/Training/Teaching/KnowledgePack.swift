import Checkpoints
package import Distillation
package import Files
package import Networks

/// A frozen teacher's outputs on disk: they never change for a given view of a sample, so each is
/// computed once.
///
/// Values are stored in half precision. Readers get the rounded values whether they were read or just
/// computed, so no result depends on which entries the pack already holds.
package final class KnowledgePack: Sendable {
    /// The pack's folder.
    package let folder: String
    /// The teacher and the arithmetic of the entries.
    package let origin: PackDescription.Origin
    /// The teacher's taps, heads and geometry.
    package let side: NetworkPair.Side
    private let description: PackDescription
    private let isComplete: Bool
    /// The inputs that the run needs, and those that a complete pack was made for.
    private let shown: (wanted: PackDescription.Inputs, made: PackDescription.Inputs)?
    private let entryStore: EntryStore
    private let note: @Sendable (String) -> Void

    /// A pack that entries are added to, created if there is none in the folder.
    ///
    /// - Parameters:
    ///   - description: the description of a pack that is created.
    ///   - limit: the maximum size of the entries in bytes, beyond which the least recently used ones are
    ///     removed; nil for no limit.
    ///   - note: receives a sentence for each damaged entry, and one if entries cannot be written.
    package init(
        growing folder: String, _ description: PackDescription, limit: Int?,
        in fileSystem: any FileSystem = LocalFileSystem(),
        note: @escaping @Sendable (String) -> Void
    ) throws {
        if let found = try PackDescription.read(folder, in: fileSystem) {
            if let refusal = found.refusal(of: description.origin, folder: folder) {
                throw KnowledgeError(refusal)
            }
        } else {
            do {
                try description.write(to: folder, in: fileSystem)
            } catch let error as FileError {
                // A full disk makes steps slower, not impossible.
                note("\(error.clause); the teacher computes what is not stored")
            }
        }
        self.folder = folder
        self.description = description
        origin = description.origin
        side = try description.side
        isComplete = false
        shown = nil
        self.note = note
        entryStore = EntryStore(Self.entries(in: folder), limit: limit, in: fileSystem)
    }

    /// A complete pack.
    ///
    /// - Parameters:
    ///   - digest: the digest of its origin, if known: all workers of a run must read the same pack.
    ///   - wanted: the inputs of the run, for the message about a missing entry.
    package init(
        complete folder: String, classes: Int, digest: SHA256? = nil,
        wanted: PackDescription.Inputs? = nil,
        in fileSystem: any FileSystem = LocalFileSystem()
    ) throws {
        guard let found = try PackDescription.read(folder, in: fileSystem) else {
            throw KnowledgeError(
                "There is no knowledge pack at \(folder): copy it there, or make it with "
                    + "'denju teach RECIPE --pack \(folder)' where the teacher's weights are.")
        }
        guard found.origin.classes == classes else {
            throw KnowledgeError(
                "The knowledge pack \(folder) is of a teacher that knows \(found.origin.classes) "
                    + "classes, but the data have \(classes): choose a pack made for these data.")
        }
        // Workers with different packs would compute different bits of one run.
        guard digest == nil || digest == found.origin.digest else {
            throw KnowledgeError(
                "The knowledge pack \(folder) differs from the run's: it is of another teacher or "
                    + "computed on other hardware: copy the one the coordinator has.")
        }
        self.folder = folder
        description = found
        origin = found.origin
        side = try found.side
        isComplete = true
        if let wanted, let made = found.contents?.inputs {
            shown = (wanted, made)
        } else {
            shown = nil
        }
        note = { _ in }
        entryStore = EntryStore(Self.entries(in: folder), in: fileSystem)
    }

    /// The teacher's network, without weights.
    package func network() throws -> any Network { try description.network.build() }

    private static func entries(in folder: String) -> String { folder + "/entries" }

    /// The stored outputs for an example; nil if they must be computed.
    ///
    /// A damaged entry of a growing pack is reported and removed. In a complete pack a damaged or
    /// missing entry is an error.
    package func outputs(for example: Example, _ query: TeacherQuery) throws -> NetworkOutputs? {
        let entry = KnowledgeEntry(of: example, teacher: origin.teacher, query)
        let name = entryStore.path(of: entry.address)
        do {
            let bytes = try entryStore.read(
                entry.address, most: entry.largest(classes: origin.classes),
                keepingUse: !isComplete)
            if let bytes {
                // Decoded from the written bytes: the values must be the rounded ones that later reads return.
                return try entry.decoded(bytes, name: name, classes: origin.classes)
            }
        } catch let error as FileError {
            guard !isComplete else { throw KnowledgeError(sentence(about: error)) }
            note("\(error.clause); its outputs are computed again")
            // Removed, so that the entry computed next can take its place.
            try entryStore.remove(entry.address)
        }
        guard !isComplete else { throw KnowledgeError(sentence(aboutMissing: example, query)) }
        return nil
    }

    /// Whether there is an entry for an example; its contents are not checked.
    package func holds(_ example: Example, _ query: TeacherQuery) throws -> Bool {
        let entry = KnowledgeEntry(of: example, teacher: origin.teacher, query)
        return try entryStore.contains(entry.address)
    }

    /// The number of entries, and their bytes.
    package func size() throws -> (entries: Int, bytes: Int) {
        let entries = try entryStore.entries()
        return (entries.count, entries.reduce(0) { $0 + $1.size })
    }

    /// A sentence for each damaged entry, whatever example it belongs to.
    ///
    /// - Parameter entryIsChecked: called after each.
    package func verify(_ entryIsChecked: () -> Void = {}) throws -> [String] {
        var problems: [String] = []
        for entry in try entryStore.entries() {
            defer { entryIsChecked() }
            do {
                guard let bytes = try entryStore.read(entry.address, keepingUse: false) else {
                    continue
                }
                try KnowledgeEntry.checkValues(bytes, of: entry.address, name: entry.path)
            } catch let error as FileError {
                problems.append(error.description)
            }
        }
        return problems
    }

    /// Stores the teacher's outputs for an example and returns them as later reads will.
    ///
    /// Entries that cannot be written are reported once, and the run continues.
    package func store(
        _ outputs: NetworkOutputs, for example: Example
    ) throws -> NetworkOutputs {
        let query = TeacherQuery(taps: outputs.taps, heads: outputs.auxiliaryTaps)
        let entry = KnowledgeEntry(of: example, teacher: origin.teacher, query)
        let bytes = entry.encoded(outputs)
        if let error = try entryStore.writeIfPossible(bytes, at: entry.address) {
            note("\(error.clause); outputs are not stored until entries can be written again")
        }
        return try entry.decoded(
            bytes, name: entryStore.path(of: entry.address), classes: origin.classes)
    }

    private func sentence(aboutMissing example: Example, _ query: TeacherQuery) -> String {
        let difference = shown.flatMap { $0.wanted.difference(from: $0.made, query) }
        return "The knowledge pack \(folder) has no entry for view \(example.view ?? 0) of sample "
            + "\(example.name)\(difference.map { " (\($0))" } ?? ""): run '\(remedy)' where the "
            + "teacher's weights are, or write knowledge: auto."
    }

    private func sentence(about error: FileError) -> String {
        "The knowledge pack is damaged, as \(error.clause): run '\(remedy)' where "
            + "the teacher's weights are to complete the pack."
    }

    private var remedy: String { "denju teach RECIPE --pack \(folder)" }
}
