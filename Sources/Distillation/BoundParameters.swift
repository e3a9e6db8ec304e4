public import Networks
public import Tensors

/// The values of an objective's own parameters at a step, by the names it declared them under.
public struct BoundParameters: Sendable {
    /// The names, as ``Objective/parameters(for:)`` lists them.
    public let names: [String]
    /// The values, in that order: variables of the lesson's tape where gradients are wanted.
    public let tensors: [Tensor]

    /// No parameters.
    public static let none = BoundParameters([])

    /// The given values.
    public init(_ values: [(name: String, tensor: Tensor)]) {
        names = values.map(\.name)
        tensors = values.map(\.tensor)
    }

    private init(names: [String], tensors: [Tensor]) {
        self.names = names
        self.tensors = tensors
    }

    /// The value of a parameter that was declared under this name.
    public subscript(_ name: String) -> Tensor {
        guard let place = names.firstIndex(of: name) else {
            preconditionFailure("The objective has declared no parameter \(name).")
        }
        return tensors[place]
    }

    /// A pass of the layers that declared these parameters (all of them, in the same order): so an
    /// objective can be built of the layers of Networks.
    ///
    /// In evaluation mode: layers beside the student keep no running statistics and drop nothing.
    public var pass: Pass { Pass(.evaluation, bound: tensors) }

    /// The same values as constants.
    public var detached: BoundParameters {
        BoundParameters(names: names, tensors: tensors.map(\.detached))
    }

    /// The same values as variables of a tape.
    public func variables(on tape: Tape) -> BoundParameters {
        BoundParameters(names: names, tensors: tensors.map { tape.variable($0) })
    }
}
