import Cluster
import Tensors
import Testing
import Training

/// The samples of the validations during a run and after its last step.
@Suite struct ValidationSamplesTests {
    private let left = TreeNode(level: 1, index: 0)
    private let right = TreeNode(level: 1, index: 1)

    private func machine(steps: Int) -> CoordinatorMachine {
        CoordinatorMachine(
            ofFourShards: .init(
                shards: 4, buckets: 1, exchanges: 0, steps: steps, validateEvery: 1,
                validation: [1, 3], furtherAtEnd: [0, 2], minimumWorkers: 2))
    }

    /// Takes a step and labels what is then leased; returns the samples and the result.
    private func step(
        _ machine: inout CoordinatorMachine, number: Int
    ) -> (samples: [Int], result: CoordinatorMachine.Action?) {
        var actions = machine.deliver(left, by: 1, step: number, at: .seconds(number))
        actions += machine.deliver(right, by: 2, step: number, at: .seconds(number))
        var labelled: [Int] = []
        var result: CoordinatorMachine.Action?
        while !actions.isEmpty {
            let action = actions.removeFirst()
            switch action {
            case .validated: result = action
            case .evaluate(let worker, let version, let samples):
                for sample in samples {
                    labelled.append(sample)
                    var matrix = ConfusionMatrix(classes: 1)
                    // Sample n has 10^n points, so that a sum tells its parts.
                    let points = [1, 10, 100, 1000][sample]
                    matrix.add(
                        truth: [Int32](repeating: 0, count: points),
                        predicted: [Int32](repeating: 0, count: points))
                    actions += machine.handle(
                        .evaluated(worker, version: version, sample: sample, matrix),
                        at: .seconds(number))
                }
            default: break
            }
        }
        return (labelled.sorted(), result)
    }

    @Test("validations have the usual samples, and the last one all")
    func lastValidationHasAllSamples() throws {
        var machine = machine(steps: 2)
        let first = step(&machine, number: 0)
        #expect(first.samples == [1, 3])
        guard case .validated(1, let usual, nil)? = first.result else {
            Issue.record("\(String(describing: first.result))")
            return
        }
        #expect(usual.counts == [1010])
        let last = step(&machine, number: 1)
        #expect(last.samples == [0, 1, 2, 3])
        guard case .validated(2, let again, let further?)? = last.result else {
            Issue.record("\(String(describing: last.result))")
            return
        }
        #expect(again.counts == [1010] && further.counts == [101])
        #expect(machine.isComplete)
    }

    @Test("a coordinator that died in the last validation repeats all of it")
    func lastValidationIsRepeatedWhole() {
        var machine = CoordinatorMachine(
            settings: .init(
                shards: 4, buckets: 1, exchanges: 0, steps: 2, validation: [1],
                furtherAtEnd: [0, 2]), from: 2, validated: 1
        ) { _ in [] }
        #expect(!machine.isComplete)
        let actions = machine.handle(.ready(1, threads: 4), at: .zero)
        let samples = actions.flatMap { action -> [Int] in
            if case .evaluate(_, 2, let samples) = action { samples } else { [] }
        }
        #expect(Set(samples).isSubset(of: [0, 1, 2]) && !samples.isEmpty)
    }
}
