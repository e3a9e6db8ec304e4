/// The index of a parameter in the network's list, by which a ``ForwardContext`` finds its value.
public struct Parameter: Sendable, Hashable {
    let index: Int
}

/// The position of a layer in the network's tree of names, while the network is assembled.
///
/// The initialiser of a layer declares the layer's parameters here and keeps the results; calling
/// the layer finds the tensors by them. One line thus both lists a parameter and binds it:
///
///     init(_ scope: ParameterScope, …) { qkv = Linear(scope["qkv"], inputs: width, outputs: 3 * width) }
///
/// The order of declaration is the order of the network's weights everywhere: declare layers in
/// the order in which they compute, so that backward completes the gradients from the last to the
/// first.
public struct ParameterScope {
    /// Collects the declarations of one network.
    private final class Declarations {
        var list: [ParameterSpecification] = []
        var names: Set<String> = []
    }

    /// The names from the root to this scope, joined by dots; empty at the root.
    public let path: String
    private let inBlock: Bool
    private let declarations: Declarations

    /// The root of a new network's names.
    public init() {
        path = ""
        inBlock = false
        declarations = Declarations()
    }

    private init(path: String, inBlock: Bool, declarations: Declarations) {
        self.path = path
        self.inBlock = inBlock
        self.declarations = declarations
    }

    /// The scope of a part.
    public subscript(_ name: String) -> ParameterScope {
        ParameterScope(path: joined(name), inBlock: inBlock, declarations: declarations)
    }

    /// The scope of a transformer block, whose parameters have the blocks' learning rate.
    public func block(_ name: String) -> ParameterScope {
        ParameterScope(path: joined(name), inBlock: true, declarations: declarations)
    }

    /// Declares a parameter here.
    public func parameter(
        _ name: String, _ shape: [Int], _ role: ParameterSpecification.Role,
        _ initial: Initializer
    ) -> Parameter {
        let name = joined(name)
        // Weights are found by name in files: a second parameter of one name would be lost there.
        precondition(declarations.names.insert(name).inserted, "Two parameters are called \(name).")
        declarations.list.append(
            .init(name: name, shape: shape, role: role, initial: initial, inBlock: inBlock))
        return Parameter(index: declarations.list.count - 1)
    }

    /// All declarations from the root on, in order.
    public var declared: [ParameterSpecification] { declarations.list }

    private func joined(_ name: String) -> String { path.isEmpty ? name : path + "." + name }
}
