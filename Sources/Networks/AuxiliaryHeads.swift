public import Tensors

/// Classifiers beside a network, one at each of some taps: for training only, never exported.
///
/// Each is `linear(gelu(linear(norm(features))))`. Their parameters are named
/// `auxiliary.enc2.norm.weight` and so on, stand in weights of their own, and are bound by a
/// ``ForwardContext`` of their own on the network's tape; the network itself does not know them, so what it
/// computes and costs is the same with and without.
public struct AuxiliaryHeads: Sendable {
    /// Where each head reads.
    public let taps: [Tap]
    /// Class scores of a row that each head gives.
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
    /// The network's pass must have asked for the taps; `pass` is the heads' own.
    public func callAsFunction(_ outputs: NetworkOutputs, _ pass: ForwardContext) -> [Tensor] {
        self(pass) { outputs.features(at: $0) }
    }

    /// Each tap's class scores, from features wherever they come from.
    public func callAsFunction(_ pass: ForwardContext, features: (Tap) -> Tensor) -> [Tensor] {
        zip(taps, heads).map { tap, head in
            let x = head.norm(features(tap), pass)
            return head.classifier(head.hidden(x, pass).gelu(), pass)
        }
    }
}
