import Synchronization
import Tensors

/// The tensors that an objective holds constant (`ObjectiveInput.held`) while a trial moves everything
/// else: the values of the first computation, returned to every later one.
///
/// A loss with a stopped gradient is not the integral of that gradient. Value and gradient agree
/// only if the stopped operand keeps its first value.
final class HeldValues: Sendable {
    /// The trial's clouds before any change.
    let clouds: [ObjectiveTrial.Cloud]
    /// The objective's parameters before any change.
    let parameters: [(name: String, rows: [[Double]])]
    private let kept = Mutex<[[Int]: [Tensor]]>([:])

    init(_ trial: ObjectiveTrial) {
        clouds = trial.clouds
        parameters = trial.parameters
    }

    /// A function that replaces the held tensors of an input of these clouds by their first values,
    /// in the order of the calls.
    func holding(_ shard: [Int]) -> @Sendable (Tensor) -> Tensor {
        let next = Counter()
        return { tensor in
            let place = next.take()
            return self.kept.withLock { kept in
                // Objectives hold the same tensors in the same order on every call.
                if let values = kept[shard], place < values.count { return values[place] }
                kept[shard, default: []].append(tensor)
                return tensor
            }
        }
    }

    private final class Counter: Sendable {
        private let count = Mutex(0)
        func take() -> Int {
            count.withLock { count in
                defer { count += 1 }
                return count
            }
        }
    }
}

extension ObjectiveTrial {
    /// The same trial, in which every tensor that an objective holds constant keeps its present value.
    func holding() -> ObjectiveTrial {
        var held = self
        held.held = HeldValues(self)
        return held
    }

    /// The clouds that a Float64 reference must use where the gradient is stopped.
    package var heldClouds: [Cloud] { held?.clouds ?? clouds }

    /// The parameters that a Float64 reference must use where the gradient is stopped.
    package var heldParameters: [(name: String, rows: [[Double]])] {
        held?.parameters ?? parameters
    }

    /// The moving average of the parameters: three quarters of their first values, as constants.
    package var averagedParameters: [(name: String, rows: [[Double]])] {
        heldParameters.map { name, rows in (name, rows.map { $0.map { 0.75 * $0 } }) }
    }
}
