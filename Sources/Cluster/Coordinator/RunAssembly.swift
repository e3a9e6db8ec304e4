import Datasets
import Distillation
import Files
import Foundation
import Messages
import Networks
import Settings
import Tensors
import Training

/// Parts of a run that follow from its recipe, its data and the teacher alone.
///
/// Nothing here depends on the run's folder, and nothing is written.
struct RunAssembly {
    /// The recipe, with the settings that the teacher and the data determine.
    let recipe: Recipe
    /// The recipe as workers and checkpoints receive it.
    let resolvedRecipe: String
    let data: TrainingData
    let validation: any SceneSource
    let order: DataOrder
    /// The classes that do not count in validation.
    let excludedClasses: Set<Int>
    /// The teacher's weights as workers fetch them; nil if they need none.
    let teacher: StoredAsset?
    let parameters: RunParameters
    /// The inputs and results of the objectives.
    let objectives: ObjectivePlan
    /// The numbering of weights in messages.
    let parts: WeightsParts
    /// The sizes of student and teacher; nil without a teacher.
    let compression: Compression?
    /// Remarks of the assembly.
    private(set) var notes: [Diagnostic]

    /// Assembles a run.
    ///
    /// - Parameter note: receives remarks while data is read, which may take minutes.
    init(_ recipe: Recipe, note: @escaping @Sendable (Diagnostic) -> Void) throws {
        // Model or pack determine the teacher's inputs.
        var stored = try recipe.teacher?.neededModel.map { path in
            let model = try StoredModel(path)
            for warning in model.warnings { note(Diagnostic(.warning, warning)) }
            return model
        }
        data = try TrainingData(
            recipe, teacher: try stored?.features ?? recipe.packedFeatures(),
            reading: { note(Diagnostic(.note, $0)) })
        let (training, recipe) = (data.source, data.recipe)
        self.recipe = recipe
        validation = try SourceCatalogue.open(recipe.data, split: .validation)
        guard training.count > 0 else {
            throw WorkerError("The training split of the data source '\(training.name)' is empty.")
        }
        let loader = try ExampleLoader(recipe, source: training)
        order = DataOrder(training, recipe)
        excludedClasses = try recipe.excludedClasses(of: training)
        let network = try recipe.studentNetwork(
            classes: training.classes.count, inputs: loader.inputs)
        // Where a pack holds every output, the teacher's weights may be on no machine of the run.
        let pack = try recipe.completePack(classes: training.classes.count)
        resolvedRecipe = try recipe.resolved(
            classes: training.classes.count, inputs: loader.inputs,
            packDigest: pack?.origin.digest)
        let withHeads = recipe.objectives.needs.contains(.teacherAuxiliary)
        stored = try stored?.adaptedTeacher(
            training.classes, inputs: loader.teacherInputs, recipe.teacher?.classes,
            withHeads: withHeads)
        let content = try stored?.safetensors(withHeads: withHeads)
        teacher = content.map {
            StoredAsset(digest: Digest(SHA256(of: $0).bytes)!, content: $0)
        }
        objectives = try recipe.plan(student: network, teacher: pack?.side ?? stored?.side)
        parameters = RunParameters(network, objectives, scope: recipe.scope)
        parts = WeightsParts(parameters, averages: recipe.averages)
        compression = try (stored?.network ?? pack?.network()).map {
            Compression(teacher: $0, student: network)
        }
        notes = stored?.noteOnMapping.map { [Diagnostic(.note, $0)] } ?? []
        notes += data.notes.map { Diagnostic(.note, $0) }
        guard SourceCatalogue.readsFiles(recipe.data) else { return }
        if !training.notes.isEmpty {
            notes.append(Diagnostic(.note, "data: " + training.notes.joined(separator: "; ")))
        }
        notes += DataSurvey.remarks(
            training: training, validation: validation,
            needsLabels: recipe.objectives.needs.contains(.labels)
        ).map { Diagnostic(.warning, $0) }
    }

    /// The properties of the run that its driver and workers need.
    var plan: RunPlan {
        let layout = parameters.layout
        let shape = StepShape(
            shards: recipe.shards, buckets: layout.buckets.count,
            exchanges: recipe.objectives.exchanges, wire: recipe.wire)
        return RunPlan(
            shape: shape, steps: recipe.steps, validateEvery: recipe.validation.every,
            validationSamples: recipe.validation.usual(of: validation.count),
            furtherSamples: recipe.validation.furtherAtEnd(of: validation.count), parts: parts,
            welcome: Welcome(
                workerID: 0, recipe: resolvedRecipe, seed: recipe.seed,
                heartbeatTimeoutMilliseconds: 1, teacherDigest: teacher?.digest, dataDigest: nil,
                studentDigest: Digest(SHA256(of: parameters.description).bytes)!,
                bucketCount: UInt32(layout.buckets.count)),
            validator: ResultValidator(
                recipe, shape, objectives, layout: layout, statistics: parameters.statistics,
                classes: parameters.network.classes)
        ) { [recipe, order] in recipe.shards(of: $0, in: order) }
    }

    /// A service of the teacher and, where the recipe's source reads files, of the scans.
    ///
    /// - Parameter wake: called on any thread when an answer waits.
    func assets(wake: @escaping @Sendable () -> Void) throws -> AssetService {
        try AssetService(teacher: teacher, wake: wake) { post in
            guard SourceCatalogue.readsFiles(recipe.data) else { return nil }
            let processors = ProcessInfo.processInfo.activeProcessorCount
            return try SceneServer(
                training: data.source, validation: validation,
                threads: max(1, min(4, processors / 2)), post: post)
        }
    }
}

extension Recipe {
    /// The clouds of a step's micro-shards.
    fileprivate func shards(of step: Int, in order: DataOrder) -> [Lease.Shard] {
        let samples = order.samples(at: step)
        return (0..<shards).map { shard in
            Lease.Shard(
                shard: shard,
                samples: places(of: shard).map {
                    SampleReference(sample: samples[$0], place: $0)
                })
        }
    }

    /// The numbers of the classes that do not count in validation.
    fileprivate func excludedClasses(of source: any SceneSource) throws -> Set<Int> {
        try Set(
            validation.excluded.map { name in
                guard let place = source.classes.firstIndex(of: name) else {
                    throw RecipeError(
                        "\(file): validation.exclude names '\(name)', which is not a class of "
                            + "\(source.name): it has \(source.classes.joined(separator: ", ")).")
                }
                return place
            })
    }
}
