import ArgumentParser
import Checkpoints
import Cluster
import Datasets
import Distillation
import Files
import Foundation
import Launching
import Networks
import OpenBLAS
import PointClouds
import Reporting
import Synchronization
import Telemetry
import Tensors
import Training

struct TeachCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "teach",
        abstract:
            "Computes the teacher's outputs for all views and stores them in a knowledge pack.",
        discussion: """
            Examples:
              denju teach distil.yaml --pack packs/streets
              denju teach distil.yaml --pack packs/streets --verify

            The recipe requires a number of views (views: {name: weak, count: 8}). After an \
            interruption the same command continues. A run reads the pack with \
            teacher: {knowledge: pack, pack: packs/streets}, also on machines without the teacher.
            """)

    @Argument(help: "The recipe, a YAML file.", completion: .file())
    var recipe: String

    @Option(
        name: .long, help: "The pack's folder, instead of the recipe's teacher.pack.",
        completion: .directory)
    var pack: String?

    @Option(name: .long, help: "The split: training, validation or test.")
    var split = Split.training

    @Option(name: .long, help: "Threads, one view each.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Flag(
        name: .long,
        help: "Only check every byte of the pack and that it is complete for the recipe."
    )
    var verify = false

    func run() throws {
        try reporting {
            try check(threads: threads)
            let plan = try TeachPlan(recipe, pack: pack, split: split, packExists: verify)
            if verify {
                try self.verify(plan)
            } else {
                try build(plan)
            }
        }
    }

    // MARK: - Building

    private func build(_ plan: TeachPlan) throws {
        let model = try plan.teacher()
        if let line = model.noteOnMapping { printMessage(line + ".") }
        let builder = try plan.builder(with: model.teacher(precision: plan.precision))
        try plan.checkSize(try builder.estimatedBytes())
        let description = try plan.description(of: model)
        // The size was checked above; a limit here would leave the pack incomplete.
        let pack = try KnowledgePack(growing: plan.folder, description, limit: nil) {
            printMessage($0)
        }
        let progress = ProgressDisplay("teaching", total: builder.count, unit: "view")
        let outcomes = try parallel(builder.count, threads: threads) { number in
            defer { progress.advance() }
            return try builder.make(number, in: pack)
        }
        progress.finish()
        for remark in builder.loader.source.remarks { printMessage(remark + ".") }
        let (entries, bytes) = try pack.size()
        // The contents are written last: a pack without them is incomplete.
        var finished = description
        finished.contents = PackDescription.Contents(
            inputs: PackDescription.Inputs(plan.recipe, plan.views, builder.query),
            split: split.rawValue, samples: builder.loader.source.count, entries: entries,
            bytes: bytes)
        try finished.write(to: plan.folder)
        let computed = outcomes.count(where: \.isNew)
        printSummary(
            "\(plan.folder): \(Readable.count(entries)) entries, \(Readable.bytes(bytes)); of "
                + "\(builder.loader.source.count) samples x \(plan.views.count) views "
                + "\(Readable.count(computed)) computed, "
                + "\(Readable.count(builder.count - computed)) already present")
        let compared = outcomes.compactMap(\.difference)
        printSummary(compared.reduce(KnowledgeDifference(), +).report(entries: compared.count))
    }

    // MARK: - Verifying

    private func verify(_ plan: TeachPlan) throws {
        let pack = try plan.complete()
        let (entries, bytes) = try pack.size()
        let checking = ProgressDisplay("verifying", total: entries, unit: "file")
        var problems = try pack.verify { checking.advance() }
        checking.finish()
        let (loader, query) = try plan.query(to: pack.side)
        let count = loader.source.count * plan.views.count
        let progress = ProgressDisplay("searching", total: count, unit: "view")
        let missing = try parallel(count, threads: threads) { number -> String? in
            defer { progress.advance() }
            let (sample, view) = number.quotientAndRemainder(dividingBy: plan.views.count)
            let example = try loader.example(of: sample, view: view, of: plan.views)
            return try example.teacherExamples.allSatisfy { try pack.holds($0, query) }
                ? nil : "View \(view) of sample \(example.name) is missing."
        }
        progress.finish()
        problems += missing.compactMap { $0 }
        guard problems.isEmpty else {
            // A missing folder of entries would otherwise print a line per view.
            for problem in problems.prefix(20) { printMessage(problem) }
            printMessage(
                "The knowledge pack \(plan.folder) has \(Readable.count(problems.count)) problems: "
                    + "run 'denju teach \(recipe) --pack \(plan.folder)' to repair it.")
            throw ExitCode(2)
        }
        print(
            "\(plan.folder): \(Readable.count(entries)) entries, \(Readable.bytes(bytes)), all good; "
                + "all \(loader.source.count) samples x \(plan.views.count) views are present")
    }
}

/// The input of `denju teach`: a recipe with a fixed number of views, and the pack's folder.
private struct TeachPlan {
    let recipe: Recipe
    let folder: String
    let views: FixedViews
    let split: Split
    let source: any SceneSource
    /// The teacher with its weights; nil if the pack exists.
    private let model: StoredModel?

    /// - Parameter packExists: whether the pack exists, so that the teacher is not required.
    init(_ file: String, pack: String?, split: Split, packExists: Bool) throws {
        let recipe = try Recipe(file: file)
        guard let teacher = recipe.teacher else {
            throw UserError("\(file) names no teacher: add teacher: {model: PATH}.")
        }
        guard let views = recipe.fixedViews else {
            throw UserError(
                "\(file) draws new views at every step, so that no stored output would be read: give "
                    + "views a count, as in views: {name: weak, count: 8}.")
        }
        guard let folder = pack ?? teacher.pack else {
            throw UserError("Name the pack's folder: --pack FOLDER, or teacher.pack in \(file).")
        }
        self.views = views
        self.folder = folder
        self.split = split
        model = packExists ? nil : try Self.model(of: recipe)
        let stored = packExists ? try PackDescription.read(folder)?.contents?.inputs.features : nil
        let data = try TrainingData(recipe, teacher: model?.features ?? stored)
        self.recipe = data.recipe
        source =
            split == .training
            ? data.source : try SourceCatalogue.open(recipe.data, split: split)
        guard source.count > 0 else {
            throw UserError("The \(split.rawValue) split of \(recipe.data.source) is empty.")
        }
    }

    /// The precision of the teacher's products.
    var precision: ProductPrecision { recipe.teacher?.precision ?? .float32 }

    private static func model(of recipe: Recipe) throws -> StoredModel {
        guard let path = recipe.teacher?.model else {
            throw UserError(
                "\(recipe.file) does not name the teacher's weights: add teacher.model.")
        }
        let model = try StoredModel(path)
        for warning in model.warnings { printMessage(warning) }
        return model
    }

    /// Whether the objectives use the teacher's auxiliary heads.
    private var usesHeads: Bool { recipe.objectives.needs.contains(.teacherAuxiliary) }

    /// The teacher, adapted to the data's classes and inputs.
    func teacher() throws -> StoredModel {
        guard let model else { preconditionFailure("An existing pack requires no teacher.") }
        let inputs = try ExampleLoader(recipe, source: source).teacherInputs
        return try model.adaptedTeacher(
            source.classes, inputs: inputs, recipe.teacher?.classes, withHeads: usesHeads)
    }

    /// The loader of the samples and the outputs to compute for them.
    func query(
        to teacher: NetworkPair.Side
    ) throws -> (loader: ExampleLoader, query: TeacherQuery) {
        let loader = try ExampleLoader(recipe, source: source)
        let student = try recipe.studentNetwork(
            classes: source.classes.count, inputs: loader.inputs)
        let plan = try recipe.plan(student: student, teacher: teacher)
        return (loader, TeacherQuery(plan, of: teacher))
    }

    /// The builder of the pack.
    func builder(with teacher: Teacher) throws -> PackBuilder {
        let (loader, query) = try query(to: teacher.side)
        return PackBuilder(loader, views, teacher: teacher, query)
    }

    func description(of model: StoredModel) throws -> PackDescription {
        // The hash is that of the teacher's file as workers fetch it, which omits unused heads.
        return PackDescription(
            origin: .init(
                teacher: SHA256(of: try model.safetensors(withHeads: usesHeads)),
                classes: source.classes.count,
                numerics: NumericsFingerprint(Numerics.fingerprint()), precision: precision,
                tool: Version.current),
            network: model.description, heads: usesHeads ? model.heads?.places : nil)
    }

    /// The existing pack.
    func complete() throws -> KnowledgePack {
        try KnowledgePack(complete: folder, classes: source.classes.count)
    }

    /// Rejects a pack beyond the limit before anything is computed.
    func checkSize(_ bytes: Int) throws {
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
    /// The difference as text, in four lines.
    fileprivate func report(entries: Int) -> String {
        """
        difference from the live teacher, over \(entries) entries, \(Readable.count(points)) points:
          logits  at most \(Readable.number(largest)), \(Readable.number(mean)) on average
          classes differ for \(Readable.number(100 * otherClassShare)) % of the points
          KL      \(Readable.number(meanDivergence)) nats per point
        """
    }
}
