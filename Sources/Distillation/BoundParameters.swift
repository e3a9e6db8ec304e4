package import Networks
package import Tensors

/// Values of an objective's parameters at a step, by the names under which it declared them.
package struct BoundParameters: Sendable {
    /// The names, as ``Objective/parameters(for:)`` lists them.
    package let names: [String]
    /// The values, in that order: variables of the input's tape where gradients are computed.
    package let tensors: [Tensor]

    /// No parameters.
    package static let none = BoundParameters([])

    /// The given values.
    package init(_ values: [(name: String, tensor: Tensor)]) {
        names = values.map(\.name)
        tensors = values.map(\.tensor)
    }

    private init(names: [String], tensors: [Tensor]) {
        self.names = names
        self.tensors = tensors
    }

    /// The value of the parameter that was declared under this name.
    package subscript(_ name: String) -> Tensor {
        // A mistake of the objective's author, not of a recipe, so there is no sentence for the user.
        guard let place = names.firstIndex(of: name) else {
            preconditionFailure("The objective has declared no parameter \(name).")
        }
        return tensors[place]
    }

    /// A forward context for the layers that declared these parameters, all of them and in the same
    /// order.
    ///
    /// It is in evaluation mode: layers beside the student keep no running statistics and drop
    /// nothing.
    package var forwardContext: ForwardContext { ForwardContext(.evaluation, bound: tensors) }

    /// The same values as constants.
    package var detached: BoundParameters {
        BoundParameters(names: names, tensors: tensors.map(\.detached))
    }

    /// The same values as variables of a tape.
    package func variables(on tape: Tape) -> BoundParameters {
        BoundParameters(names: names, tensors: tensors.map { tape.variable($0) })
    }
}
