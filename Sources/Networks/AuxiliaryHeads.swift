public import Tensors

/// Classifiers beside a network, one at each of some taps: for training only, never exported.
///
/// Each is `linear(gelu(linear(norm(features))))`. Their parameters are named
/// `auxiliary.enc2.norm.weight` and so on, have weights of their own, and are bound by their own
/// ``ForwardContext`` on the network's tape. The network is independent of them: its results and its
/// cost are the same with and without heads.
public struct AuxiliaryHeads: Sendable {
    /// The tap that each head reads.
    public let taps: [Tap]
    /// Class scores of a row that each head computes.
    public let classes: Int
    /// The heads' parameters in the order of their weights.
    public let specifications: [ParameterSpecification]
    private let heads: [Head]

    private struct Head: Sendable {
        let norm: LayerNorm
        let hidden: Linear
        let classifier: Linear

        init(_ scope: ParameterScope, width: Int, classes: Int) {
            norm = LayerNorm(scope["norm"], width: width)
            hidden = Linear(scope["hidden"], inputs: width, outputs: width)
            classifier = Linear(scope["classes"], inputs: width, outputs: classes)
        }
    }

    /// Heads for these taps of a network; throws one sentence if it lacks one of them.
    public init(for network: some Network, at taps: [Tap], classes: Int) throws(NetworkError) {
        var described: [TapDescription] = []
        for tap in taps { described.append(try network.description(of: tap)) }
        self.init(at: described, classes: classes)
    }

    /// Heads that read features of the given widths.
    public init(at described: [TapDescription], classes: Int) {
        let scope = ParameterScope()["auxiliary"]
        taps = described.map(\.tap)
        self.classes = classes
        heads = described.map {
            Head(scope[$0.tap.description], width: $0.width, classes: classes)
        }
        specifications = scope.declared
    }

    /// Each tap's class scores: rows of its stage x classes.
    ///
    /// The network's forward context must have requested the taps; `context` is the heads' own.
    public func callAsFunction(_ outputs: NetworkOutputs, _ context: ForwardContext) -> [Tensor] {
        self(context) { outputs.features(at: $0) }
    }

    /// Each tap's class scores, from features of any origin.
    public func callAsFunction(_ context: ForwardContext, features: (Tap) -> Tensor) -> [Tensor] {
        zip(taps, heads).map { tap, head in
            let x = head.norm(features(tap), context)
            return head.classifier(head.hidden(x, context).gelu(), context)
        }
    }
}
