package import Telemetry
package import Tensors
package import Training

/// Values, times and counts of a completed step.
package struct StepSummary: Sendable {
    /// Cost of one worker's part of a step.
    package struct Worker: Sendable {
        /// The worker as records name it: `host/name`.
        package var name: String
        /// The time spent on each phase, summed over its threads.
        package var times: ShardTimes
        /// Memory that its process has requested from the system so far.
        package var memory: MemoryUse
    }

    /// One objective of the sum.
    package struct Term: Sendable {
        /// Its name in records.
        package var name: String
        /// Its value, without its weight.
        package var value: Double
        /// Its weight at this step.
        package var weight: Double
        /// The norm of its gradient with respect to the student's outputs, without its weight.
        package var gradientNorm: Double
    }

    /// Completed steps, this one included.
    package var step: Int
    /// Steps of the whole run.
    package var steps: Int
    /// The pass over the data in which it began, from 0.
    package var pass: Int
    /// The weighted sum of the objectives.
    package var loss: Double
    /// Each objective.
    package var terms: [Term]
    /// Metrics that the objectives report.
    package var metrics: [(name: String, value: Double)]
    /// The gradient's norm before clipping.
    package var gradientNorm: Double
    /// Learning rates outside and inside transformer blocks.
    package var rates: (others: Double, blocks: Double)
    /// Seconds from the end of the step or validation before to the updated weights.
    package var seconds: Double { trace.seconds }
    /// Voxels of the mini-batch.
    package var points: Int
    /// The cost of each worker's part.
    package var workers: [Worker]
    /// Seconds of the coordinator's thread by phase.
    package var coordinator: [Phase: Double]
    /// The spans of coordinator and workers.
    package var trace: Trace.Step
    /// Counts of other events.
    package var counts: CoordinatorMachine.StepCounts
    /// The remark on a standstill during the step; nil if there was none.
    package var standstill: String?
    /// Messages received and sent.
    package var messages: (up: Int, down: Int)
    /// Bytes of those messages.
    package var bytes: (up: Int, down: Int)
    /// The student's weights at steps after which a checkpoint is written; nil at others.
    package var weights: Weights?

    /// Seconds that the coordinator spent on reduction, optimiser and broadcast.
    package var coordinatorSeconds: Double {
        [Phase.reduce, .optimizer, .broadcast].reduce(0) { $0 + (coordinator[$1] ?? 0) }
    }
}
