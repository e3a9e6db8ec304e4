/// A tensor with a name and the shape it has in files.
public struct NamedTensor: Sendable {
    /// The path of the parameter: `backbone.enc.enc0.block0.attn.qkv.weight`.
    public var name: String
    /// The shape in files; the product equals `tensor.count`.
    public var shape: [Int]
    /// The values.
    ///
    /// Of a shape with several dimensions the first is rows, the others columns.
    public var tensor: Tensor

    /// A tensor under a name; `tensor.count` must be the product of `shape`.
    public init(name: String, shape: [Int], tensor: Tensor) {
        precondition(
            shape.reduce(1, *) == tensor.count, "\(name): shape \(shape), \(tensor.count) values.")
        self.name = name
        self.shape = shape
        self.tensor = tensor
    }
}

/// Named tensors in a fixed order: the parameters of a network, its running statistics, or an
/// optimiser's moments.
public struct Weights: Sendable, RandomAccessCollection {
    private var entries: [NamedTensor] = []
    private var places: [String: Int] = [:]

    /// No weights.
    public init() {}

    /// The given weights in their order, with distinct names.
    public init(_ entries: some Sequence<NamedTensor>) {
        for entry in entries { append(entry) }
    }

    /// Appends a weight.
    public mutating func append(_ entry: NamedTensor) {
        precondition(places[entry.name] == nil, "Two weights have the name \(entry.name).")
        places[entry.name] = entries.count
        entries.append(entry)
    }

    /// The place of the first weight.
    public var startIndex: Int { 0 }
    /// The place after the last weight.
    public var endIndex: Int { entries.count }
    /// The weight at a place; a replacement must have the same name.
    public subscript(_ position: Int) -> NamedTensor {
        get { entries[position] }
        set {
            precondition(newValue.name == entries[position].name, "A weight cannot be renamed.")
            entries[position] = newValue
        }
    }
    /// The values of a name; nil if there is none.
    public subscript(_ name: String) -> Tensor? { places[name].map { entries[$0].tensor } }
    /// The place of a name.
    public func place(of name: String) -> Int? { places[name] }
    /// The names in order.
    public var names: [String] { entries.map(\.name) }
    /// The number of values of all weights.
    public var scalarCount: Int { entries.reduce(0) { $0 + $1.tensor.count } }
}
