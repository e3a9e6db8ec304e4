import Checkpoints
import Datasets
import Distillation
import Foundation
import Messages
import Networks
import Settings
import Telemetry
import Tensors
import Training

/// A run as its coordinator holds it: recipe, student, folder, and what of it is on disk.
final class Run {
    let recipe: Recipe
    /// The recipe as workers and checkpoints get it.
    let resolvedRecipe: String
    let id: RunID
    let epoch: UInt64
    let order: DataOrder
    /// The scans that are trained on.
    let training: any SceneSource
    /// The scans that are validated on.
    let validation: any SceneSource
    let validationSamples: [Int]
    let excludedClasses: Set<Int>
    /// The teacher as workers fetch it.
    let teacher: [UInt8]?
    let teacherDigest: Digest?
    /// What coordinator and workers must agree on of everything that is learnt.
    let studentDigest: Digest
    /// What the objectives read, and what they bring.
    let plan: ObjectivePlan
    /// How weights travel.
    let parts: WeightsParts
    let numerics: Numerics.Fingerprint
    private(set) var learner: Learner
    /// The fingerprint of the numbers this run is made of: the first worker's.
    private(set) var canary: String?
    private(set) var best: BestMetric?
    private let folder: String
    private let store: CheckpointStore
    private let writer: CheckpointWriter
    private let lock: RunLock
    private var savedStep: Int

    init(
        _ recipe: Recipe, _ settings: CoordinatorSettings,
        note: @escaping @Sendable (RunEvent) -> Void
    )
        throws
    {
        numerics = Numerics.fingerprint()
        // What the teacher reads, its model or its pack says.
        var stored = try recipe.teacher?.neededModel.map { try Self.teacher($0, note: note) }
        let data = try TrainingData(
            recipe, teacher: try stored?.features ?? recipe.packedFeatures(),
            reading: { note(.note($0)) })
        let (training, recipe) = (data.source, data.recipe)
        self.recipe = recipe
        let validation = try SourceCatalogue.open(recipe.data, split: .validation)
        self.training = training
        self.validation = validation
        guard training.count > 0 else {
            throw WorkerError("The training split of the data source '\(training.name)' is empty.")
        }
        let loader = try ExampleLoader(recipe, source: training)
        order = DataOrder(training, recipe)
        validationSamples = Array(0..<validation.count)
        excludedClasses = try Set(
            recipe.validation.excluded.map { name in
                guard let place = training.classes.firstIndex(of: name) else {
                    throw RecipeError(
                        "\(recipe.file): validation.exclude names '\(name)', which is no class of "
                            + "\(training.name): it has \(training.classes.joined(separator: ", "))."
                    )
                }
                return place
            })
        let network = try recipe.studentNetwork(
            classes: training.classes.count, inputs: loader.inputs)
        // Where a pack holds everything, the teacher's weights need not be anywhere.
        let pack = try recipe.completePack(classes: training.classes.count)
        resolvedRecipe = try recipe.resolved(
            classes: training.classes.count, inputs: loader.inputs,
            packDigest: pack?.origin.digest)
        let withHeads = recipe.objectives.needs.contains(.teacherAuxiliary)
        stored = try stored?.adaptedTeacher(
            training.classes, inputs: loader.teacherInputs, recipe.teacher?.classes,
            withHeads: withHeads)
        if let line = stored?.noteOnMapping { note(.note(line)) }
        teacher = try stored?.safetensors(withHeads: withHeads)
        plan = try recipe.plan(
            student: network, teacher: pack?.side ?? stored?.side)
        let parameters = RunParameters(network, plan, scope: recipe.scope)
        parts = WeightsParts(parameters, averages: recipe.averages)
        teacherDigest = teacher.flatMap { Digest(SHA256(of: $0).bytes) }
        studentDigest = Digest(SHA256(of: parameters.description).bytes)!
        folder = settings.folder
        store = CheckpointStore(
            settings.folder + "/" + RunFolder.checkpoints,
            retention: Retention(
                keepLast: recipe.checkpoints.keepLast, keepEvery: recipe.checkpoints.keepEvery))
        writer = CheckpointWriter(store, note: note)
        guard try settings.resume || store.folders().isEmpty else {
            throw WorkerError(
                "\(settings.folder) already holds a run: go on with --resume, or choose another "
                    + "folder.")
        }
        lock = try RunLock(settings.folder)
        // What an earlier life that ended badly has left: nobody listens there now.
        for name in [RunFolder.address, RunFolder.progress] {
            try? FileManager.default.removeItem(atPath: settings.folder + "/" + name)
        }
        for line in try store.prepare() { note(.note(line)) }
        if settings.resume, let loaded = try store.latestGood() {
            for warning in loaded.warnings { note(.note(warning)) }
            let state = loaded.checkpoint.state
            try Self.check(state, against: resolvedRecipe, settings)
            guard let id = RunID(state.runID) else {
                throw WorkerError("The checkpoint \(loaded.folder) has no run id: use another one.")
            }
            self.id = id
            epoch = Self.epoch(after: state.epoch)
            learner = try Learner(
                resuming: loaded.checkpoint, parameters, optimiser: recipe.optimiser,
                average: recipe.average)
            best = state.best
            canary = state.numerics.canary
            note(.note("resuming from \(loaded.folder)"))
        } else {
            if settings.resume {
                note(.note("\(settings.folder) holds no checkpoint yet: the run begins anew"))
            }
            id = .random()
            epoch = Self.epoch(after: 0)
            learner = try Learner(beginning: recipe, parameters, note: { note(.note($0)) })
        }
        savedStep = learner.version
        for line in data.notes { note(.note(line)) }
        if let teacher = try stored?.network ?? pack?.network() {
            note(.compression(Compression(teacher: teacher, student: network)))
        }
        try data.recipe.featuresJSON.write(
            toFile: settings.folder + "/" + RunFolder.features, atomically: true,
            encoding: .utf8)
        if let names = data.labelledNames {
            try (names.joined(separator: "\n") + "\n").write(
                toFile: settings.folder + "/" + RunFolder.labelled, atomically: true,
                encoding: .utf8)
        }
        try recipe.text.write(
            toFile: settings.folder + "/" + RunFolder.recipe, atomically: true, encoding: .utf8)
    }

    /// A number that grows with every life of a coordinator, even of lives that saved nothing.
    private static func epoch(after last: UInt64) -> UInt64 {
        max(last + 1, UInt64(max(0, Date().timeIntervalSince1970)))
    }

    private static func teacher(
        _ path: String, note: (RunEvent) -> Void
    ) throws -> StoredModel {
        let model = try StoredModel(path)
        for warning in model.warnings { note(.note(warning)) }
        return model
    }

    private static func check(
        _ state: CheckpointState, against recipe: String, _ settings: CoordinatorSettings
    ) throws {
        guard state.recipe != recipe, !settings.allowRecipeChange else { return }
        let old = state.recipe.split(separator: "\n")
        let new = recipe.split(separator: "\n")
        let changed = new.difference(from: old).insertions.first
        var line = ""
        if case .insert(_, let text, _)? = changed { line = " (first difference: '\(text)')" }
        throw RecipeError(
            "The recipe differs from the one \(settings.folder) was begun with\(line): use that "
                + "one, or say --allow-recipe-change.")
    }

    /// Why a worker may not take part; nil if its numbers are the run's.
    func refusal(of hello: Hello) -> String? {
        guard let canary else {
            canary = "\(hello.canary)"
            return nil
        }
        return hello.refusal(expecting: canary)
    }

    /// What serves the run's scans to workers that do not have them; nil where they are made.
    func sceneServer(post: @escaping @Sendable (SceneServer.Reply) -> Void) throws -> SceneServer? {
        guard SourceCatalogue.readsFiles(recipe.data) else { return nil }
        let processors = ProcessInfo.processInfo.activeProcessorCount
        return try SceneServer(
            training: training, validation: validation, threads: max(1, min(4, processors / 2)),
            post: post)
    }

    // MARK: Steps

    static func plan(_ step: Int, _ order: DataOrder, _ recipe: Recipe) -> [Lease.Shard] {
        let samples = order.samples(at: step)
        return (0..<recipe.shards).map { shard in
            Lease.Shard(
                shard: shard,
                samples: recipe.places(of: shard).map {
                    SampleReference(sample: samples[$0], place: $0)
                })
        }
    }

    func apply(_ gradient: Tensor, to bucket: Int) -> Tensor? {
        learner.apply(gradient, to: bucket)
    }

    func completeStep(_ report: ShardReport) -> Double { learner.completeStep(report) }

    /// What the objectives report of a step about to be completed, under the terms' names.
    func metrics(
        of step: Int, _ totals: [Distillation.Totals]
    ) throws -> [(name: String, metric: Metric)] {
        let own = plan.bound(learner.ownWeights.map(\.tensor))
        return try plan.sum.metrics(given: totals, parameters: own, step: step)
    }

    // MARK: Checkpoints

    /// Whether the weights are the best so far by mean intersection over union.
    func judge(_ matrix: ConfusionMatrix) -> Bool {
        let value = matrix.meanIntersectionOverUnion(excluding: excludedClasses)
        guard value > best?.value ?? -1 else { return false }
        best = BestMetric(name: "mIoU", value: value, step: learner.version)
        return true
    }

    /// Whether steps have been taken that no save holds.
    var hasUnsavedSteps: Bool { learner.version != savedStep }

    /// Puts down that this version has been validated, behind whatever is still to be written.
    func noteValidation() {
        writer.write("\(learner.version)\n", to: folder + "/" + RunFolder.validated)
    }

    /// The version that was validated last, as far as the run's folder tells.
    var validated: Int? {
        guard
            let text = try? String(
                contentsOfFile: folder + "/" + RunFolder.validated, encoding: .utf8)
        else { return nil }
        return Int(text.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// Writes the present state in the background.
    func save(asBest: Bool = false) {
        savedStep = learner.version
        writer.save(checkpoint, marks: asBest ? [RunFolder.bestMark] : [])
    }

    /// Waits until everything given to the writer is on disk; throws what went wrong.
    func finishSaving() throws { try writer.finish() }

    private var checkpoint: Checkpoint {
        let done = learner.version * recipe.batch
        return Checkpoint(
            state: CheckpointState(
                runID: "\(id)", epoch: epoch, step: learner.version,
                pass: done / order.samples, cursor: done % order.samples, seed: recipe.seed,
                recipe: resolvedRecipe, toolVersion: Version.current,
                numerics: NumericsFingerprint(
                    blasCore: numerics.coreName, kernels: "v\(numerics.kernelWidth)",
                    canary: canary ?? ""),
                best: best),
            model: learner.weights, optimizer: learner.moments,
            extras: learner.extras)
    }
}
