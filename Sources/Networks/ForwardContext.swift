public import Tensors

/// One run of a network over a scene: its weights, its purpose, and what it leaves behind.
///
/// A pass serves one thread and one call.
public final class ForwardContext {
    /// What a pass is for.
    public enum Mode: Sendable, Hashable {
        /// Running statistics, no drop path, curves in their given order.
        case evaluation
        /// Batch statistics, drop path, shuffled curves. Everything random is a function of the
        /// run's seed, the step and the sample: `samples` names each cloud of the scene, in order.
        case training(seed: UInt64, step: Int, samples: [UInt64])
    }

    /// The moments one batch normalisation saw.
    public struct Moments: Sendable {
        /// The normalisation's path: `backbone.embedding.stem.norm`.
        public let path: String
        /// Mean and variance of each channel, and over how many rows.
        public let moments: BatchMoments

        /// Moments under a path.
        public init(path: String, moments: BatchMoments) {
            self.path = path
            self.moments = moments
        }
    }

    /// What it is for.
    public let mode: Mode
    /// The taps whose features are wanted.
    public let taps: [Tap]
    /// The trained parameters as variables of the tape, in the order of the specifications; empty
    /// without a tape.
    public let variables: [(name: String, tensor: Tensor)]
    /// What the batch normalisations saw, in the order in which they computed; empty in evaluation.
    public private(set) var moments: [Moments] = []

    private let tape: Tape?
    private let tensors: [Tensor]
    private let recorder: ((_ path: String, _ value: Tensor) -> Void)?

    /// A pass of a network with these weights.
    ///
    /// - Parameters:
    ///   - mode: evaluation or training.
    ///   - network: whose parameters the weights are.
    ///   - weights: one for each of the network's specifications, in their order, as
    ///     ``Network/initialWeights(seed:)`` and ``Network/adopting(_:)`` give them.
    ///   - tape: where the trained parameters become variables; without one nothing is recorded,
    ///     whatever the mode.
    ///   - frozen: which parameters stay constants all the same.
    ///   - taps: whose features are wanted.
    ///   - recorder: called with the value of every part (embedding, pooling, block, …) by path.
    public convenience init(
        _ mode: Mode, of network: some Network, _ weights: Weights, on tape: Tape? = nil,
        frozen: (ParameterSpecification) -> Bool = { _ in false }, taps: [Tap] = [],
        recorder: ((_ path: String, _ value: Tensor) -> Void)? = nil
    ) {
        self.init(
            mode, of: network.specifications, weights, on: tape, frozen: frozen, taps: taps,
            recorder: recorder)
    }

    /// A pass of layers that stand beside a network, such as auxiliary heads.
    ///
    /// As ``init(_:of:_:on:frozen:taps:recorder:)-(_,Network,_,_,_,_,_)``, with the parameters that the
    /// layers' scope declared.
    public init(
        _ mode: Mode, of specifications: [ParameterSpecification], _ weights: Weights,
        on tape: Tape? = nil, frozen: (ParameterSpecification) -> Bool = { _ in false },
        taps: [Tap] = [], recorder: ((_ path: String, _ value: Tensor) -> Void)? = nil
    ) {
        precondition(
            weights.count == specifications.count,
            "\(weights.count) weights for \(specifications.count) parameters.")
        var variables: [(name: String, tensor: Tensor)] = []
        tensors = zip(specifications, weights).map { specification, weight in
            precondition(
                specification.name == weight.name && specification.rows == weight.tensor.rows
                    && specification.columns == weight.tensor.columns,
                "\(weight.name) \(weight.shape) stands where \(specification.name) "
                    + "\(specification.shape) should.")
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
        self.recorder = recorder
    }

    /// A pass of layers whose parameters stand for the given tensors: one for each that the layers'
    /// scope declared, in that order, wherever they were made variables.
    public init(_ mode: Mode, bound tensors: [Tensor], taps: [Tap] = []) {
        self.mode = mode
        self.tensors = tensors
        self.taps = taps
        variables = []
        tape = nil
        recorder = nil
    }

    /// Another pass of the same network on the same tape, with the same variables: a second view of
    /// the same clouds.
    public convenience init(_ mode: Mode, sharing first: ForwardContext, taps: [Tap] = []) {
        self.init(mode, bound: first.tensors, taps: taps)
    }

    /// The tensor that stands for a parameter.
    public subscript(_ parameter: Parameter) -> Tensor { tensors[parameter.place] }

    /// Whether batch statistics and drop path are in force.
    public var isTraining: Bool { mode != .evaluation }

    /// Keeps what a batch normalisation saw.
    public func collect(_ moments: BatchMoments, of path: String) {
        self.moments.append(Moments(path: path, moments: moments))
    }

    /// Shows the value of a part to the recorder, if there is one.
    public func record(_ path: String, _ value: Tensor) { recorder?(path, value) }
}
