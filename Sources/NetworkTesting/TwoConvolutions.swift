package import Networks
import PointClouds
import Tensors

/// Two convolutions over one stage, and a linear head: the example of the page "Adding a network".
package struct TwoConvolutions: ConfiguredNetwork {
    /// The settings of the example.
    package struct Configuration: NetworkConfiguration {
        package var inputChannels = 4
        package var classes = 3
        package var width = 8

        /// The settings with their defaults.
        package init() {}

        // Inputs and classes follow from the data: `NetworkRecipe` reads and writes them.
        private enum CodingKeys: CodingKey { case width }
    }

    package let configuration: Configuration
    package let specifications: [ParameterSpecification]
    private let first: SubmanifoldConvolution
    private let norm: BatchNorm
    private let second: SubmanifoldConvolution
    private let head: Linear

    package init(_ configuration: Configuration) throws(NetworkError) {
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

    package var geometry: SceneGeometry { SceneGeometry(strides: [], orders: [.z]) }
    package var taps: [TapDescription] {
        [TapDescription(tap: .encoder(0), width: configuration.width)]
    }

    package func callAsFunction(_ scene: Scene, _ context: ForwardContext) -> NetworkOutputs {
        let stage = scene.hierarchy.stages[0]
        var x = norm(first(scene.features, at: stage, context), context)  // n x width
        x = x + second(x, at: stage, context).gelu()
        return NetworkOutputs(logits: head(x, context), features: context.taps.map { ($0, x) })
    }
}
