import Checkpoints

/// A function or type that a pickle may name; none is ever looked up or called.
///
/// The list contains the names of weights and of the values beside them in checkpoints: optimiser,
/// schedule and best score.
struct PickleGlobal: CustomStringConvertible {
    /// Result of calling the name, as far as weights need it.
    enum Meaning {
        /// An empty dictionary.
        case dictionary
        /// A tensor from (storage, offset, shape, strides, …).
        case tensor
        /// A tensor from (tensor, …).
        case parameter
        /// A shape from a tuple.
        case shape
        /// Type of a storage's numbers.
        case storage(SafetensorsType)
        /// A set from a list.
        case set
        /// Python's `getattr`, which checkpoints use only to name a schedule's annealing function.
        case attribute
        /// The schedule that owns this function.
        case schedule
        /// A value that weights do not need.
        case other
    }

    let description: String
    let meaning: Meaning

    /// Creates a name of the list; returns nil for any other.
    init?(module: String, name: String) {
        description = module + "." + name
        switch (module, name) {
        case ("collections", "OrderedDict"), ("collections", "defaultdict"),
            ("__builtin__", "dict"), ("builtins", "dict"):
            meaning = .dictionary
        case ("torch._utils", "_rebuild_tensor_v2"): meaning = .tensor
        case ("torch._utils", "_rebuild_parameter"): meaning = .parameter
        case ("torch", "Size"): meaning = .shape
        case ("__builtin__", "set"), ("builtins", "set"): meaning = .set
        case ("__builtin__", "getattr"), ("builtins", "getattr"): meaning = .attribute
        case ("torch.optim.lr_scheduler", "OneCycleLR"): meaning = .schedule
        case ("torch", "device"), ("numpy", "dtype"), ("numpy.core.multiarray", "scalar"),
            ("numpy._core.multiarray", "scalar"), ("_codecs", "encode"):
            meaning = .other
        case ("torch", _):
            if let type = Self.storages[name] {
                meaning = .storage(type)
            } else if Self.types.contains(name) {
                meaning = .other
            } else {
                return nil
            }
        default: return nil
        }
    }

    private static let storages: [String: SafetensorsType] = [
        "DoubleStorage": .float64, "FloatStorage": .float32, "HalfStorage": .float16,
        "BFloat16Storage": .bfloat16, "LongStorage": .int64, "IntStorage": .int32,
        "ShortStorage": .int16, "CharStorage": .int8, "ByteStorage": .uint8, "BoolStorage": .bool,
    ]

    private static let types: Set<String> = [
        "float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8",
        "bool",
    ]

    /// Attributes that `getattr` may name.
    static let annealing: Set<String> = ["_annealing_cos", "_annealing_linear"]
}
