import Formats
import ZipArchives

/// The names of the fields in the files of a split, and the files that cannot be used.
struct SceneHeaders {
    private var scenes: [(path: String, names: [String])] = []
    /// Sentences about files that cannot be used, in the order of the files.
    private(set) var faults: [String] = []
    /// The names that all files have, in the order of the first one.
    private(set) var shared: [String] = []

    /// Reads the headers of all scenes; throws the first error if no header can be read.
    init(_ items: [SceneList.Item], _ format: any ScanFormat) throws {
        var failure: (any Error)?
        for item in items {
            do {
                let names = try format.fieldNames(of: item.path)
                // Equal headers share their memory: a data set may have a hundred thousand files.
                let last = scenes.last?.names
                scenes.append((item.path, names == last ? last ?? names : names))
            } catch {
                failure = failure ?? error
                faults.append("\(error)")
            }
        }
        if scenes.isEmpty, let failure {
            throw faults.count == 1
                ? failure
                : SourceError("\(faults[0]) None of the \(faults.count) files can be read.")
        }
        share()
    }

    /// The headers that can be read.
    init(readable items: [SceneList.Item], _ format: any ScanFormat) {
        if let headers = try? SceneHeaders(items, format) { self = headers }
    }

    /// One of the files, for messages.
    var first: String { scenes.first?.path ?? "" }

    /// These files and those of another split.
    func joined(by others: SceneHeaders) -> SceneHeaders {
        var all = self
        all.scenes += others.scenes
        all.share()
        return all
    }

    private mutating func share() {
        shared = scenes.first?.names ?? []
        var last: [String] = []
        // The files of a data set mostly have the same header, which is compared once.
        for scene in scenes where scene.names != last {
            last = scene.names
            let known = Set(last)
            shared.removeAll { !known.contains($0) }
        }
    }

    /// The field of labels in the first file that has one.
    func label(_ request: FieldPlan.FieldRequest) throws -> String? {
        guard request.readsLabels else { return nil }
        var last: [String] = []
        var failure: (any Error)?
        var isUsable = false
        for scene in scenes where scene.names != last {
            last = scene.names
            do {
                let plan = try FieldPlan(names: last, request: request, file: scene.path)
                if let label = plan.label { return label }
                isUsable = true
            } catch {
                failure = failure ?? error
            }
        }
        // Every file lacks a field that is needed: this is a mistake in the recipe.
        if let failure, !isUsable { throw failure }
        return nil
    }

    /// Adds a fault for every file without the field of labels.
    mutating func requireLabels(_ label: String?, place: SettingsPlace) {
        for scene in scenes where label.map({ !scene.names.contains($0) }) ?? true {
            faults.append(
                "\(scene.path) has no labels by a name that is known: "
                    + "\(place.naming("label")), or \(place.setting("unlabelled", to: "true")) to "
                    + "learn from the teacher alone.")
        }
    }

    /// Sentences about channels of the first file that are left out because other files lack them.
    func leftOut(by plan: FieldPlan, _ request: FieldPlan.FieldRequest) throws -> [String] {
        guard request.channels == nil, let first = scenes.first else { return [] }
        let own = try? FieldPlan(names: first.names, request: request, file: first.path)
        let read = Set(plan.channels.map(\.name))
        return (own?.channels ?? []).filter { !read.contains($0.name) }.map { channel in
            let lacking = scenes.filter { scene in
                !channel.fields.allSatisfy(scene.names.contains)
            }
            return
                "\(channel.name) is not read: \(lacking.count) of \(scenes.count) files lack it, "
                + "the first is \(lacking.first?.path ?? first.path)"
        }
    }
}
