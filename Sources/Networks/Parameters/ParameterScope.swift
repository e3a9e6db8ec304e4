/// A parameter as a layer knows it: its place in the network's list, where a ``ForwardContext`` finds the
/// tensor that stands for it.
public struct Parameter: Sendable, Hashable {
    let place: Int
}

/// Where in a network's tree of names a layer stands while the network is put together.
///
/// A layer's initialiser declares its parameters here, and keeps what it is given back; calling
/// the layer finds the tensors by it. So one line both lists a parameter and binds it:
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

    /// The names that lead here, joined by dots; empty at the root.
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
        precondition(declarations.names.insert(name).inserted, "Two parameters are called \(name).")
        declarations.list.append(
            .init(name: name, shape: shape, role: role, initial: initial, inBlock: inBlock))
        return Parameter(place: declarations.list.count - 1)
    }

    /// What has been declared from the root on, in order.
    public var declared: [ParameterSpecification] { declarations.list }

    private func joined(_ name: String) -> String { path.isEmpty ? name : path + "." + name }
}
