import Checkpoints

/// A value of a pickle, as far as weights need it.
///
/// Dictionaries, lists and tuples are stored in arrays and referenced by index: values that a pickle shares
/// are not copied, and nested values need no recursion, so a hostile pickle can exhaust neither memory
/// nor the stack.
enum PickleValue {
    /// A value that weights do not need: an optimiser's state, a number of NumPy.
    case other
    case none
    case boolean(Bool)
    case integer(Int)
    case real(Double)
    case string(String)
    /// An index of ``PickleContents/lists``.
    case list(Int)
    /// An index of ``PickleContents/tuples``.
    case tuple(Int)
    /// An index of ``PickleContents/dictionaries``.
    case dictionary(Int)
    /// A function or type by name, which is never looked up.
    case global(PickleGlobal)
    /// An index of ``PickleContents/storages``.
    case storage(Int)
    case tensor(StoredTensor)

    /// Description of the value's type for messages.
    var kind: String {
        switch self {
        case .other: "an unknown value"
        case .none: "None"
        case .boolean: "a Boolean"
        case .integer, .real: "a number"
        case .string: "a string"
        case .list: "a list"
        case .tuple: "a tuple"
        case .dictionary: "a dictionary"
        case .global(let global): "the name \(global)"
        case .storage: "a storage"
        case .tensor: "a tensor"
        }
    }
}

/// A block of numbers that tensors are views of: the entry `data/KEY` of the archive.
struct StoredBlock: Hashable {
    let key: String
    let type: SafetensorsType
    /// Number of elements.
    let count: Int
}

/// A view of a storage: element `[i, j, …]` is at `offset + i strides[0] + j strides[1] + …`.
struct StoredTensor {
    /// Index of the storage in ``PickleContents/storages``.
    let storage: Int
    let offset: Int
    let shape: [Int]
    let strides: [Int]

    /// Number of elements.
    var count: Int { shape.reduce(1, *) }

    /// Whether the elements are adjacent in row-major order.
    var isContiguous: Bool {
        var expected = 1
        for (size, stride) in zip(shape, strides).reversed() where size != 1 {
            if stride != expected { return false }
            expected *= size
        }
        return true
    }
}

/// All values of a pickle.
struct PickleContents {
    /// The pickled value.
    var root = PickleValue.none
    var tuples: [[PickleValue]] = []
    var lists: [[PickleValue]] = []
    /// Entries with string keys in the pickle's order; other keys are dropped.
    var dictionaries: [[(key: String, value: PickleValue)]] = []
    var storages: [StoredBlock] = []

    /// Finds the value of a key in a dictionary; the last value wins, as in Python.
    func value(_ key: String, of dictionary: Int) -> PickleValue? {
        dictionaries[dictionary].last { $0.key == key }?.value
    }
}
