import ArgumentParser
import Checkpoints
import Cluster
import Datasets
import Distillation
import Foundation
import Launching
import Networks
import PointClouds
import Reporting
import Synchronization
import Telemetry
import Tensors
import Training

struct TeachCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "teach",
        abstract: "Asks the teacher beforehand about every view, and keeps its answers in a pack.",
        discussion: """
            Examples:
              denju teach distil.yaml --pack packs/streets
              denju teach distil.yaml --pack packs/streets --verify

            The recipe needs a number of views (views: {name: weak, count: 8}). Interrupted, the \
            same command goes on. A run then reads the pack with \
            teacher: {knowledge: pack, pack: packs/streets}, on machines without the teacher too.
            """)

    @Argument(help: "The recipe, a YAML file.", completion: .file())
    var recipe: String

    @Option(
        name: .long, help: "The pack's folder, instead of the recipe's teacher.pack.",
        completion: .directory)
    var pack: String?

    @Option(name: .long, help: "Which split: training, validation or test.")
    var split = Split.training

    @Option(name: .long, help: "Threads, a view each.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Flag(
        name: .long,
        help: "Only check the pack: every byte of it, and that nothing the recipe needs is missing."
    )
    var verify = false

    func run() throws {
        try reporting {
            try check(threads: threads)
            let input = try TeachPlan(recipe, pack: pack, split: split, isMade: verify)
            if verify {
                try self.verify(input)
            } else {
                try make(input)
            }
        }
    }

    // MARK: Making

    private func make(_ plan: TeachPlan) throws {
        let model = try plan.teacher()
        if let line = model.noteOnMapping { printMessage(line + ".") }
        let making = try plan.making(with: model.teacher(precision: plan.precision))
        try plan.refuseIfTooLarge(try making.estimatedBytes())
        let description = try plan.description(of: model)
        let pack = try KnowledgePack(growing: plan.folder, description, limit: nil) {
            printMessage($0)
        }
        let progress = ProgressDisplay("teaching", total: making.count, unit: "view")
        let outcomes = try parallel(making.count, threads: threads) { number in
            defer { progress.advance() }
            return try making.make(number, in: pack)
        }
        progress.finish()
        let (entries, bytes) = try pack.size()
        var finished = description
        finished.contents = PackDescription.Contents(
            shown: PackDescription.Shown(plan.recipe, plan.views, making.query),
            split: split.rawValue, samples: making.loader.source.count, entries: entries,
            bytes: bytes)
        try finished.write(to: plan.folder)
        let new = outcomes.count(where: \.isNew)
        print(
            "\(plan.folder): \(Readable.count(entries)) entries, \(Readable.bytes(bytes)); of "
                + "\(making.loader.source.count) samples x \(plan.views.count) views "
                + "\(Readable.count(new)) computed, \(Readable.count(making.count - new)) there "
                + "already")
        let compared = outcomes.compactMap(\.difference)
        print(compared.reduce(KnowledgeDifference(), +).report(entries: compared.count))
    }

    // MARK: Verifying

    private func verify(_ plan: TeachPlan) throws {
        let pack = try plan.complete()
        let (entries, bytes) = try pack.size()
        let checking = ProgressDisplay("verifying", total: entries, unit: "file")
        var problems = try pack.verify { checking.advance() }
        checking.finish()
        let (loader, query) = try plan.query(to: pack.side)
        let count = loader.source.count * plan.views.count
        let progress = ProgressDisplay("looking for", total: count, unit: "view")
        let missing = try parallel(count, threads: threads) { number -> String? in
            defer { progress.advance() }
            let (sample, view) = number.quotientAndRemainder(dividingBy: plan.views.count)
            let example = try loader.example(of: sample, view: view, of: plan.views)
            return try example.shown.allSatisfy { try pack.holds($0, query) }
                ? nil : "View \(view) of sample \(example.name) is missing."
        }
        progress.finish()
        problems += missing.compactMap { $0 }
        guard problems.isEmpty else {
            for problem in problems.prefix(20) { printMessage(problem) }
            printMessage(
                "The knowledge pack \(plan.folder) has \(Readable.count(problems.count)) problems: "
                    + "run 'denju teach \(recipe) --pack \(plan.folder)' to make it whole.")
            throw ExitCode(2)
        }
        print(
            "\(plan.folder): \(Readable.count(entries)) entries, \(Readable.bytes(bytes)), all good; "
                + "all \(loader.source.count) samples x \(plan.views.count) views are there")
    }
}

/// What `denju teach` is to do: a recipe that has views to ask about, and a folder.
private struct TeachPlan {
    let recipe: Recipe
    let folder: String
    let views: FixedViews
    let split: Split
    let source: any SceneSource
    /// The teacher with its weights, where it is to be asked.
    private let model: StoredModel?

    /// - Parameter isMade: whether the pack is there already, and the teacher need not be.
    init(_ file: String, pack: String?, split: Split, isMade: Bool) throws {
        let recipe = try Recipe(file: file)
        guard let teacher = recipe.teacher else {
            throw UserError("\(file) names no teacher: add teacher: {model: PATH}.")
        }
        guard let views = recipe.fixedViews else {
            throw UserError(
                "\(file) draws its views anew at every step, so nothing would be read twice: give "
                    + "views a count, as in views: {name: weak, count: 8}.")
        }
        guard let folder = pack ?? teacher.pack else {
            throw UserError("Name the pack's folder: --pack FOLDER, or teacher.pack in \(file).")
        }
        self.views = views
        self.folder = folder
        self.split = split
        model = isMade ? nil : try Self.model(of: recipe)
        let made = isMade ? try PackDescription.read(folder)?.contents?.shown.features : nil
        let data = try TrainingData(recipe, teacher: model?.features ?? made)
        self.recipe = data.recipe
        source =
            split == .training
            ? data.source : try SourceCatalogue.open(recipe.data, split: split)
        guard source.count > 0 else {
            throw UserError("The \(split.rawValue) split of \(recipe.data.source) is empty.")
        }
    }

    /// How exact the teacher's products are.
    var precision: ProductPrecision { recipe.teacher?.precision ?? .float32 }

    private static func model(of recipe: Recipe) throws -> StoredModel {
        guard let path = recipe.teacher?.model else {
            throw UserError(
                "\(recipe.file) does not say where the teacher's weights are: add teacher.model.")
        }
        let model = try StoredModel(path)
        for warning in model.warnings { printMessage(warning) }
        return model
    }

    /// Whether the teacher's auxiliary heads are asked.
    private var asksHeads: Bool { recipe.objectives.needs.contains(.teacherAuxiliary) }

    /// The teacher, which must fit the data.
    func teacher() throws -> StoredModel {
        guard let model else { preconditionFailure("A pack that is there needs no teacher.") }
        let inputs = try ExampleLoader(recipe, source: source).teacherInputs
        return try model.adaptedTeacher(
            source.classes, inputs: inputs, recipe.teacher?.classes, withHeads: asksHeads)
    }

    /// What the teacher is asked, and about what.
    func query(
        to teacher: NetworkPair.Side
    ) throws -> (loader: ExampleLoader, query: TeacherQuery) {
        let loader = try ExampleLoader(recipe, source: source)
        let student = try recipe.studentNetwork(
            classes: source.classes.count, inputs: loader.inputs)
        let plan = try recipe.plan(student: student, teacher: teacher)
        return (loader, TeacherQuery(plan, of: teacher))
    }

    func making(with teacher: Teacher) throws -> PackBuilder {
        let (loader, query) = try query(to: teacher.side)
        return PackBuilder(loader, views, teacher: teacher, query)
    }

    func description(of model: StoredModel) throws -> PackDescription {
        // The teacher as workers would fetch it: with its heads only if they are asked.
        return PackDescription(
            origin: .init(
                teacher: SHA256(of: try model.safetensors(withHeads: asksHeads)),
                classes: source.classes.count,
                numerics: NumericsFingerprint(Numerics.fingerprint()), precision: precision,
                tool: Version.current),
            network: model.description, heads: asksHeads ? model.heads?.places : nil)
    }

    func complete() throws -> KnowledgePack {
        try KnowledgePack(complete: folder, classes: source.classes.count)
    }

    /// Refuses before anything is computed what would not fit in the end.
    func refuseIfTooLarge(_ bytes: Int) throws {
        let limit = recipe.teacher?.limit ?? .max
        let size =
            "The pack would take about \(Readable.bytes(bytes)) for \(source.count) samples x "
            + "\(views.count) views"
        guard bytes <= limit else {
            throw UserError(
                "\(size), more than its limit of \(Readable.bytes(limit)): raise teacher.limit, or "
                    + "lower views.count, points or the number of scenes.")
        }
    }
}

extension KnowledgeDifference {
    /// The difference in three lines.
    fileprivate func report(entries: Int) -> String {
        """
        difference from the live teacher, over \(entries) entries, \(Readable.count(points)) points:
          logits  at most \(Readable.number(largest)), \(Readable.number(mean)) on average
          classes another one is best for \(Readable.number(100 * otherClassShare)) % of the points
          KL      \(Readable.number(meanDivergence)) nats a point
        """
    }
}
