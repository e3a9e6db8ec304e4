package import Distillation
package import Messages
package import Tensors
package import Training

/// State of a run that a ``CoordinatorDriver`` advances: weights, optimiser and checkpoints.
///
/// ``Run`` holds a recipe's student and the run's folder; a simulation supplies a few numbers in
/// memory instead.
package protocol RunState: AnyObject {
    /// The run's id.
    var id: RunID { get }
    /// The coordinator's epoch.
    var epoch: UInt64 { get }
    /// The properties that never change.
    var plan: RunPlan { get }
    /// The version of the weights: completed steps.
    var version: Int { get }
    /// The version that was validated last; nil for none.
    var validatedVersion: Int? { get }
    /// The values of a part of the current version, or of a frozen part.
    func values(ofPart index: Int) -> Tensor
    /// Applies a bucket's summed gradient; returns the bucket's next values, or nil where clipping
    /// must wait for the norm of all gradients.
    ///
    /// Throws if gradient or next values are not finite; the current version is unchanged then.
    func apply(_ gradient: Tensor, to bucket: Int) throws(Divergence) -> Tensor?
    /// Completes a step, whose gradients were all applied.
    ///
    /// Throws if the next version is not finite; the current one is unchanged then.
    func completeStep(
        _ report: ShardReport, _ totals: [Distillation.Totals]
    ) throws(Divergence) -> StepOutcome
    /// Takes a validation's result; returns whether the weights are the best so far.
    func takeValidation(_ matrix: ConfusionMatrix) -> Bool
    /// Records durably that the current version was validated.
    func recordValidation()
    /// The student's weights, if a checkpoint of this version is due.
    var dueWeights: Weights? { get }
    /// Writes a checkpoint in the background.
    func save(asBest: Bool)
    /// Whether the current version differs from the one saved last.
    var hasUnsavedSteps: Bool { get }
    /// Waits until every checkpoint is on disk; throws the failure of what could not be written.
    func finishSaving() throws
    /// The path of the newest checkpoint on disk; nil if there is none.
    var lastCheckpoint: String? { get }
    /// The hash of the canary computation that determines the run's arithmetic; nil until workers have
    /// computed a gradient of the whole mini-batch.
    var canary: String? { get set }
}

extension RunPlan {
    /// The number of samples of the validation of a version.
    func samples(ofVersion version: Int) -> Int {
        validationSamples.count + (version == steps ? furtherSamples.count : 0)
    }
}

/// Properties of a run that never change.
package struct RunPlan: Sendable {
    /// The properties that all steps share.
    package var shape: StepShape
    /// Steps of the whole run.
    package var steps: Int
    /// Steps between validations; nil for none but the last.
    package var validateEvery: Int?
    /// The samples to validate on.
    package var validationSamples: [Int]
    /// Further samples for the validation after the last step.
    package var furtherSamples: [Int]
    /// The numbering of weights in messages.
    package var parts: WeightsParts
    /// The welcome of workers except for their number, the heartbeat timeout and the scans' digest.
    package var welcome: Welcome
    /// Checks workers' results.
    package var validator: ResultValidator
    /// The clouds of a step's micro-shards.
    package var shards: @Sendable (_ step: Int) -> [Lease.Shard]
    /// Bytes that a worker sends and fetches per step; nil where that is of no interest.
    package var scale: ScaleEstimate?

    /// The properties of a run.
    package init(
        shape: StepShape, steps: Int, validateEvery: Int?, validationSamples: [Int],
        furtherSamples: [Int] = [], parts: WeightsParts, welcome: Welcome,
        validator: ResultValidator,
        scale: ScaleEstimate? = nil,
        shards: @escaping @Sendable (_ step: Int) -> [Lease.Shard]
    ) {
        self.shape = shape
        self.steps = steps
        self.validateEvery = validateEvery
        self.validationSamples = validationSamples
        self.furtherSamples = furtherSamples
        self.parts = parts
        self.welcome = welcome
        self.validator = validator
        self.scale = scale
        self.shards = shards
    }
}

/// Values of a completed step that only the run's state knows.
package struct StepOutcome: Sendable {
    /// The pass over the data in which the step began, from 0.
    package var pass: Int
    /// Each objective.
    package var terms: [StepSummary.Term]
    /// Metrics that the objectives report.
    package var metrics: [(name: String, value: Double)]
    /// Remarks of the objectives that were not made before.
    package var warnings: [Diagnostic]
    /// The gradient's norm before clipping.
    package var gradientNorm: Double
    /// Learning rates outside and inside transformer blocks.
    package var rates: (others: Double, blocks: Double)

    /// The values of a step.
    package init(
        pass: Int = 0, terms: [StepSummary.Term] = [],
        metrics: [(name: String, value: Double)] = [], warnings: [Diagnostic] = [],
        gradientNorm: Double = 0, rates: (others: Double, blocks: Double) = (0, 0)
    ) {
        self.pass = pass
        self.terms = terms
        self.metrics = metrics
        self.warnings = warnings
        self.gradientNorm = gradientNorm
        self.rates = rates
    }
}
