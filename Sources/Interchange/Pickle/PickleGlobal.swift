import Checkpoints

/// A name that a checkpoint may mention; none is ever called.
///
/// This list is all there is: weights, and what the dictionaries beside them (optimiser,
/// schedule, best score) are made of.
struct PickleGlobal: CustomStringConvertible {
    /// What calling it would make, as far as weights need it.
    enum Meaning {
        /// A dictionary, empty at first.
        case dictionary
        /// A tensor from (storage, offset, shape, strides, …).
        case tensor
        /// A tensor from (tensor, …).
        case parameter
        /// A shape from a tuple.
        case shape
        /// The type of a storage's numbers.
        case storage(SafetensorsType)
        /// A set, from a list.
        case set
        /// Python's `getattr`, whose one use is to name how a schedule anneals.
        case attribute
        /// The schedule whose attribute that is.
        case schedule
        /// Something of no interest.
        case other
    }

    let description: String
    let meaning: Meaning

    /// A name on the list; nil for any other.
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

    /// How `getattr` may name a schedule's annealing.
    static let annealing: Set<String> = ["_annealing_cos", "_annealing_linear"]
}
