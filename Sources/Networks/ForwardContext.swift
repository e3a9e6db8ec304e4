public import Tensors

/// The weights, the mode and the records of one forward computation of a network over a scene.
///
/// A forward context serves one thread and one call.
public final class ForwardContext {
    /// The purpose of a forward computation.
    public enum Mode: Sendable, Hashable {
        /// Running statistics, no drop path, curves in their given order.
        case evaluation
        /// Batch statistics, drop path, shuffled curves. Everything random is a function of the
        /// run's seed, the step and the sample: `samples` names each cloud of the scene, in order.
        case training(seed: UInt64, step: Int, samples: [UInt64])
    }

    /// The moments of the rows that one batch normalisation has received.
    public struct Moments: Sendable {
        /// The normalisation's path: `backbone.embedding.stem.norm`.
        public let path: String
        /// Mean and variance of each channel, with the number of rows.
        public let moments: BatchMoments

        /// Moments under a path.
        public init(path: String, moments: BatchMoments) {
            self.path = path
            self.moments = moments
        }
    }

    /// Evaluation or training.
    public let mode: Mode
    /// The taps whose features are requested.
    public let taps: [Tap]
    /// The trained parameters as variables of the tape, in the order of the specifications; empty
    /// without a tape.
    public let variables: [(name: String, tensor: Tensor)]
    /// The moments of the batch normalisations in the order of computation; empty in evaluation.
    public private(set) var moments: [Moments] = []

    private let tape: Tape?
    private let tensors: [Tensor]
    private let recorder: ((_ path: String, _ value: Tensor) -> Void)?
    private let cancellation: Cancellation?

    /// A forward context of a network with these weights.
    ///
    /// - Parameters:
    ///   - mode: evaluation or training.
    ///   - network: the network that the weights belong to.
    ///   - weights: one for each of the network's specifications, in their order, as
    ///     ``Network/initialWeights(seed:)`` and ``Network/adopting(_:)`` give them.
    ///   - tape: the tape on which trained parameters become variables; without one nothing is
    ///     recorded in either mode.
    ///   - frozen: whether a trained parameter is a constant nevertheless.
    ///   - taps: the taps whose features are requested.
    ///   - cancellation: the request to skip the remaining blocks; the outputs then mean nothing.
    ///   - recorder: called with the value of every part (embedding, pooling, block, …) by path.
    public convenience init(
        _ mode: Mode, of network: some Network, _ weights: Weights, on tape: Tape? = nil,
        frozen: (ParameterSpecification) -> Bool = { _ in false }, taps: [Tap] = [],
        cancellation: Cancellation? = nil,
        recorder: ((_ path: String, _ value: Tensor) -> Void)? = nil
    ) {
        self.init(
            mode, of: network.specifications, weights, on: tape, frozen: frozen, taps: taps,
            cancellation: cancellation, recorder: recorder)
    }

    /// A forward context of layers beside a network, such as auxiliary heads.
    ///
    /// As ``init(_:of:_:on:frozen:taps:cancellation:recorder:)-(_,Network,_,_,_,_,_,_)``, with the parameters that the
    /// layers' scope declared.
    public init(
        _ mode: Mode, of specifications: [ParameterSpecification], _ weights: Weights,
        on tape: Tape? = nil, frozen: (ParameterSpecification) -> Bool = { _ in false },
        taps: [Tap] = [], cancellation: Cancellation? = nil,
        recorder: ((_ path: String, _ value: Tensor) -> Void)? = nil
    ) {
        precondition(
            weights.count == specifications.count,
            "\(weights.count) weights for \(specifications.count) parameters.")
        var variables: [(name: String, tensor: Tensor)] = []
        tensors = zip(specifications, weights).map { specification, weight in
            precondition(
                specification.name == weight.name && specification.rows == weight.tensor.rows
                    && specification.columns == weight.tensor.columns,
                "The weight \(weight.name) \(weight.shape) is in the place of "
                    + "\(specification.name) \(specification.shape).")
            // A constant, even of a variable of another tape: two tapes must not meet in one graph.
            guard let tape, specification.isTrained, !frozen(specification) else {
                return weight.tensor.detached
            }
            let variable = tape.variable(weight.tensor)
            variables.append((weight.name, variable))
            return variable
        }
        self.mode = mode
        self.variables = variables
        self.tape = tape
        self.taps = taps
        self.cancellation = cancellation
        self.recorder = recorder
    }

    /// A forward context of layers whose parameters are the given tensors: one for each that the
    /// layers' scope declared, in that order, constants or variables of any tape.
    public init(_ mode: Mode, bound tensors: [Tensor], taps: [Tap] = []) {
        self.mode = mode
        self.tensors = tensors
        self.taps = taps
        variables = []
        tape = nil
        cancellation = nil
        recorder = nil
    }

    /// A second forward context of the same network on the same tape, with the same variables: for
    /// a second view of the same clouds.
    public convenience init(_ mode: Mode, sharing first: ForwardContext, taps: [Tap] = []) {
        // Variables of its own would split each parameter's gradient between the two views.
        self.init(mode, bound: first.tensors, taps: taps)
    }

    /// The value of a parameter.
    public subscript(_ parameter: Parameter) -> Tensor { tensors[parameter.index] }

    /// Whether batch statistics and drop path are in force.
    public var isTraining: Bool { mode != .evaluation }

    /// Whether the remaining blocks are to be skipped.
    public var isCancelled: Bool { cancellation?.isRequested ?? false }

    /// Records the moments of a batch normalisation.
    public func collect(_ moments: BatchMoments, of path: String) {
        self.moments.append(Moments(path: path, moments: moments))
    }

    /// Passes the value of a part to the recorder, if there is one.
    public func record(_ path: String, _ value: Tensor) { recorder?(path, value) }
}
