import Cluster
import Distillation
import Messages
import Tensors
import Training

/// Run of a coordinator that is killed between any two changes of the run's state.
final class CrashingRun: RunState {
    let run: SyntheticRun
    private let crash: CrashPoint

    init(_ run: SyntheticRun, _ crash: CrashPoint) {
        self.run = run
        self.crash = crash
    }

    var id: RunID { run.id }
    var epoch: UInt64 { run.epoch }
    var plan: RunPlan { run.plan }
    var version: Int { run.version }
    var validatedVersion: Int? { run.validatedVersion }
    var dueWeights: Weights? { run.dueWeights }
    var hasUnsavedSteps: Bool { run.hasUnsavedSteps }

    func values(ofPart index: Int) -> Tensor { run.values(ofPart: index) }

    // What these change is lost with a killed coordinator in any case.

    func apply(_ gradient: Tensor, to bucket: Int) throws(Divergence) -> Tensor? {
        _ = crash.pass()
        return try run.apply(gradient, to: bucket)
    }

    func completeStep(
        _ report: ShardReport, _ totals: [Distillation.Totals]
    ) -> StepOutcome {
        _ = crash.pass()
        return run.completeStep(report, totals)
    }

    func takeValidation(_ matrix: ConfusionMatrix) -> Bool { run.takeValidation(matrix) }

    // What these write, a killed coordinator does not.

    func recordValidation() { if crash.pass() { run.recordValidation() } }

    func save(asBest: Bool) { if crash.pass() { run.save(asBest: asBest) } }

    func finishSaving() throws { run.finishSaving() }

    var lastCheckpoint: String? { run.lastCheckpoint }

    var canary: String? {
        get { run.canary }
        set { run.canary = newValue }
    }
}
