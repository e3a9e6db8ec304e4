import NetworkTesting
import Networks
import PointClouds
import Tensors
import Testing

// The example of "Adding a network": a struct with a configuration, made of the layers that are
// there. One line in NetworkCatalogue would let recipes name it.

/// Two convolutions over one stage, and a linear head.
struct TwoConvolutions: ConfiguredNetwork {
    struct Configuration: Codable, Sendable, Hashable {
        var inputChannels = 4
        var classes = 3
        var width = 8
    }

    let configuration: Configuration
    let specifications: [ParameterSpecification]
    private let first: SubmanifoldConvolution
    private let norm: BatchNorm
    private let second: SubmanifoldConvolution
    private let head: Linear

    init(_ configuration: Configuration) throws(NetworkError) {
        guard configuration.width > 0 else {
            throw NetworkError("width is \(configuration.width); it must be at least 1.")
        }
        self.configuration = configuration
        let width = configuration.width
        let scope = ParameterScope()
        first = SubmanifoldConvolution(
            scope["first"], inputs: configuration.inputChannels, outputs: width, size: 3,
            bias: false)
        norm = BatchNorm(scope["norm"], width: width, gelu: true)
        second = SubmanifoldConvolution(scope["second"], inputs: width, outputs: width, size: 3)
        head = Linear(scope["head"], inputs: width, outputs: configuration.classes)
        specifications = scope.declared
    }

    var geometry: SceneGeometry { SceneGeometry(strides: [], orders: [.z]) }
    var inputChannels: Int { configuration.inputChannels }
    var classes: Int { configuration.classes }
    var taps: [TapDescription] { [TapDescription(tap: .encoder(0), width: configuration.width)] }

    func callAsFunction(_ scene: Scene, _ pass: ForwardContext) -> NetworkOutputs {
        let stage = scene.hierarchy.stages[0]
        var x = norm(first(scene.features, at: stage, pass), pass)  // n x width
        x = x + second(x, at: stage, pass).gelu()
        return NetworkOutputs(logits: head(x, pass), features: pass.taps.map { ($0, x) })
    }
}

@Suite struct NewNetworkTests {
    @Test func itKeepsTheContract() throws {
        try checkNetwork(TwoConvolutions(.init()))
    }
}
