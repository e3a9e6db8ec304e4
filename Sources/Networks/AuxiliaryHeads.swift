public import Tensors

/// Classifiers beside a network, one at each of some taps: for training only, never exported.
///
/// Each is `linear(gelu(linear(norm(features))))`. Their parameters are named
/// `auxiliary.enc2.norm.weight` and so on, stand in weights of their own, and are bound by a
/// ``Pass`` of their own on the network's tape; the network itself does not know them, so what it
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
        let scope = ParameterScope()
        var heads: [Head] = []
        for tap in taps {
            let width = try network.description(of: tap).width
            heads.append(
                Head(scope["auxiliary"][tap.description], width: width, classes: classes))
        }
        self.taps = taps
        self.classes = classes
        self.heads = heads
        specifications = scope.declared
    }

    /// Each tap's class scores: rows of its stage x classes.
    ///
    /// The network's pass must have asked for the taps; `pass` is the heads' own.
    public func callAsFunction(_ outputs: Outputs, _ pass: Pass) -> [Tensor] {
        zip(taps, heads).map { tap, head in
            let x = head.norm(outputs.features(at: tap), pass)
            return head.classifier(head.hidden(x, pass).gelu(), pass)
        }
    }
}
