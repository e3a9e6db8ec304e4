import Checkpoints
import Distillation
import Foundation
import Messages
import Networks
import OpenBLAS
import Settings
import Telemetry
import Tensors
import Training

/// A run of a recipe: its student and optimiser, and the folder they are saved in.
final class Run: RunState {
    let id: RunID
    let epoch: UInt64
    let plan: RunPlan
    let assembly: RunAssembly
    private(set) var learner: Learner
    private let directory: RunDirectory
    private let numerics = Numerics.fingerprint()
    /// The hash of the canary computation that determines the run's arithmetic; nil before any gradient
    /// was applied.
    var canary: String?
    private var best: BestMetric?
    /// The version at the beginning, which is on disk or is the initial one.
    private let firstVersion: Int
    /// The checkpoint that the run was resumed from.
    private var resumedFrom: String?
    /// Remarks of the objectives that were made already.
    private var remarks: Set<String> = []

    private var recipe: Recipe { assembly.recipe }

    /// Opens a run in a folder: a new one, or the one that its newest intact checkpoint holds.
    init(
        _ assembly: RunAssembly, in directory: RunDirectory, resume: Bool,
        allowRecipeChange: Bool, record: @escaping @Sendable (RunEvent) -> Void
    ) throws {
        self.assembly = assembly
        self.directory = directory
        var plan = assembly.plan
        if resume, let loaded = try directory.store.latestGood() {
            for warning in loaded.warnings { record(.warning(warning)) }
            let state = loaded.checkpoint.state
            if !allowRecipeChange {
                try Self.check(state, against: assembly.resolvedRecipe, in: directory.path)
            }
            guard let id = RunID(state.runID) else {
                throw WorkerError("The checkpoint \(loaded.folder) has no run id: use another one.")
            }
            self.id = id
            epoch = Self.epoch(after: state.epoch)
            learner = try Learner(
                resuming: loaded.checkpoint, assembly.parameters,
                optimiser: assembly.recipe.optimiser, average: assembly.recipe.average)
            best = state.best
            canary = state.numerics.canary.isEmpty ? nil : state.numerics.canary
            resumedFrom = directory.store.path(of: loaded.folder)
            record(.note("resuming from \(loaded.folder)"))
        } else {
            if resume {
                record(.note("\(directory.path) holds no checkpoint yet: the run begins anew"))
            }
            id = .random()
            epoch = Self.epoch(after: 0)
            learner = try Learner(
                beginning: assembly.recipe, assembly.parameters, note: { record(.note($0)) })
        }
        firstVersion = learner.version
        plan.scale = ScaleEstimate(assembly.recipe, learner, plan.parts)
        self.plan = plan
        // Before hours of training, not after them.
        let shortage = try? directory.store.shortage(
            of: checkpoint, every: recipe.checkpoints.every, upTo: plan.steps)
        if let shortage { record(.warning(shortage)) }
    }

    /// An epoch larger than those of all earlier coordinators, even of those that saved nothing.
    private static func epoch(after last: UInt64) -> UInt64 {
        max(last + 1, UInt64(max(0, Date().timeIntervalSince1970)))
    }

    private static func check(
        _ state: CheckpointState, against recipe: String, in folder: String
    ) throws {
        guard state.recipe != recipe else { return }
        let old = state.recipe.split(separator: "\n")
        let new = recipe.split(separator: "\n")
        let changed = new.difference(from: old).insertions.first
        var line = ""
        if case .insert(_, let text, _)? = changed { line = " (first difference: '\(text)')" }
        throw RecipeError(
            "The recipe differs from the one \(folder) was begun with\(line): use that one, or say "
                + "--allow-recipe-change.")
    }

    // MARK: Steps

    var version: Int { learner.version }

    func values(ofPart index: Int) -> Tensor {
        let parts = plan.parts
        if parts.frozenBuckets.contains(index) {
            return learner.frozenBuckets[index - parts.frozenBuckets.lowerBound]
        }
        if index < parts.learning { return learner.buckets[index] }
        guard index != parts.statistics, let average = learner.average else {
            return learner.flatStatistics
        }
        let place = index - parts.averaged.lowerBound
        return place < parts.learning ? average.buckets[place] : average.statistics
    }

    func apply(_ gradient: Tensor, to bucket: Int) throws(Divergence) -> Tensor? {
        try learner.apply(gradient, to: bucket)
    }

    func completeStep(
        _ report: ShardReport, _ totals: [Distillation.Totals]
    ) throws(Divergence) -> StepOutcome {
        let step = learner.version
        // Before the optimiser's update: metrics describe the weights that the step computed with.
        let (metrics, warnings) = metrics(of: step, totals)
        let norm = try learner.completeStep(report)
        let objectives = recipe.objectives
        let terms = zip(zip(objectives.names, objectives.terms), report.terms).map {
            StepSummary.Term(
                name: $0.0, value: $1.value, weight: $0.1.weight(at: step),
                gradientNorm: $1.gradientNorm)
        }
        return StepOutcome(
            pass: assembly.order.pass(at: step), terms: terms, metrics: metrics,
            warnings: warnings, gradientNorm: norm, rates: recipe.optimiser.rates(at: step))
    }

    /// The metrics that the objectives report, and their remarks, each of which is made once.
    private func metrics(
        of step: Int, _ totals: [Distillation.Totals]
    ) -> (values: [(name: String, value: Double)], warnings: [Diagnostic]) {
        let objectives = assembly.objectives
        do {
            let found = try objectives.sum.metrics(
                given: totals, parameters: objectives.bound(learner.ownWeights.map(\.tensor)),
                step: step)
            let warnings = found.compactMap { name, metric -> Diagnostic? in
                guard let warning = metric.warning, remarks.insert(name).inserted else {
                    return nil
                }
                return Diagnostic(.warning, at: "step \(step + 1)", warning)
            }
            return (found.map { ($0.name, $0.metric.value) }, warnings)
        } catch {
            let isNew = remarks.insert("\(error)").inserted
            return ([], isNew ? [Diagnostic(.warning, "\(error)")] : [])
        }
    }

    // MARK: Checkpoints

    func takeValidation(_ matrix: ConfusionMatrix) -> Bool {
        let value = matrix.meanIntersectionOverUnion(excluding: assembly.excludedClasses)
        // The first validation counts even if its mean is 0.
        guard value > best?.value ?? -1 else { return false }
        best = BestMetric(name: "mIoU", value: value, step: learner.version)
        return true
    }

    var validatedVersion: Int? { directory.validatedVersion }

    func recordValidation() { directory.recordValidation(of: learner.version) }

    var dueWeights: Weights? {
        learner.version % recipe.checkpoints.every == 0 ? learner.weights : nil
    }

    var hasUnsavedSteps: Bool {
        learner.version != firstVersion && !directory.hasCheckpoint(of: learner.version)
    }

    func save(asBest: Bool) { directory.save(checkpoint, asBest: asBest) }

    func finishSaving() throws { try directory.finishSaving() }

    var lastCheckpoint: String? { directory.lastCheckpoint ?? resumedFrom }

    private var checkpoint: Checkpoint {
        let done = learner.version * recipe.batch
        return Checkpoint(
            state: CheckpointState(
                runID: "\(id)", epoch: epoch, step: learner.version,
                pass: done / assembly.order.samples, cursor: done % assembly.order.samples,
                seed: recipe.seed, recipe: assembly.resolvedRecipe, toolVersion: Version.current,
                numerics: NumericsFingerprint(
                    blasCore: numerics.coreName, kernels: "v\(numerics.kernelWidth)",
                    canary: canary ?? ""),
                best: best),
            model: learner.weights, optimizer: learner.moments,
            extras: learner.extras)
    }
}
