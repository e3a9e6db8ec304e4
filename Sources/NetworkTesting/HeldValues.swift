import Synchronization
import Tensors

/// What an objective holds constant (`ObjectiveInput.held`) while a trial moves everything else: the
/// values of its first computation, given back to every later one.
///
/// A loss with a stopped gradient is not the integral of that gradient: only with what it compares
/// with held where it was do value and gradient agree.
final class HeldValues: Sendable {
    /// The trial's clouds as they were at first.
    let clouds: [ObjectiveTrial.Cloud]
    /// The objective's parameters as they were at first.
    let parameters: [(name: String, rows: [[Double]])]
    private let kept = Mutex<[[Int]: [Tensor]]>([:])

    init(_ trial: ObjectiveTrial) {
        clouds = trial.clouds
        parameters = trial.parameters
    }

    /// What stands for the tensors a input of these clouds holds, in the order in which it does.
    func holding(_ shard: [Int]) -> @Sendable (Tensor) -> Tensor {
        let next = Counter()
        return { tensor in
            let place = next.take()
            return self.kept.withLock { kept in
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
    /// The same trial, in which whatever an objective holds constant stays what it is now.
    func holding() -> ObjectiveTrial {
        var held = self
        held.held = HeldValues(self)
        return held
    }

    /// The clouds as a Float64 reference should see them where the gradient is stopped.
    package var heldClouds: [Cloud] { held?.clouds ?? clouds }

    /// The parameters as a Float64 reference should see them where the gradient is stopped.
    package var heldParameters: [(name: String, rows: [[Double]])] {
        held?.parameters ?? parameters
    }

    /// The moving average of the parameters: three quarters of what they were at first, constants.
    package var averagedParameters: [(name: String, rows: [[Double]])] {
        heldParameters.map { name, rows in (name, rows.map { $0.map { 0.75 * $0 } }) }
    }
}
