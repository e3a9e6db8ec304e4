import Tensors

/// Class scores that compare a projection of the features, of length 1, with an embedding of each class
/// (Wu et al., arXiv 2308.09718, section 3.3).
struct CosineHead: Sendable {
    private let projection: Linear
    private let embedding: Parameter

    /// Declares `proj_head` and `class_embedding` in the scope.
    init(_ scope: ParameterScope, inputs: Int, width: Int, classes: Int) {
        projection = Linear(scope["proj_head"], inputs: inputs, outputs: width)
        embedding = scope.parameter(
            "class_embedding", [classes, width], .weight, .uniform(inputs: width))
    }

    /// From n x inputs to n x classes.
    func callAsFunction(_ x: Tensor, _ context: ForwardContext) -> Tensor {
        projection(x, context).normalizedRows().linear(context[embedding])
    }
}
