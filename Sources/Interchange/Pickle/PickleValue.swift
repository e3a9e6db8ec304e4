import Checkpoints

/// What a pickle holds, as far as weights need it: no object is ever made.
///
/// Dictionaries and tuples stand in lists of their own and are named by their place there, so that
/// what the pickle shares is shared here, and no depth of nesting recurs.
enum PickleValue {
    /// Anything that is of no interest: a list, an optimiser's state, a number of NumPy's.
    case other
    case none
    case truth(Bool)
    case whole(Int)
    case text(String)
    /// A list: its contents are dropped.
    case list
    /// A place in ``PickleContents/tuples``.
    case tuple(Int)
    /// A place in ``PickleContents/dictionaries``.
    case dictionary(Int)
    /// A function or type by name, which is never looked up.
    case global(PickleGlobal)
    /// A place in ``PickleContents/storages``.
    case storage(Int)
    case tensor(StoredTensor)

    /// What a sentence calls it.
    var kind: String {
        switch self {
        case .other: "something else"
        case .none: "None"
        case .truth: "a truth value"
        case .whole: "a number"
        case .text: "a text"
        case .list: "a list"
        case .tuple: "a tuple"
        case .dictionary: "a dictionary"
        case .global(let global): "the name \(global)"
        case .storage: "a storage"
        case .tensor: "a tensor"
        }
    }
}

/// A block of numbers that tensors are views of: an entry `data/KEY` of the archive.
struct StoredBlock: Hashable {
    let key: String
    let type: SafetensorsType
    /// How many numbers.
    let count: Int
}

/// A view of a storage: number `[i, j, …]` stands at `offset + i strides[0] + j strides[1] + …`.
struct StoredTensor {
    /// Its place in ``PickleContents/storages``.
    let storage: Int
    let offset: Int
    let shape: [Int]
    let strides: [Int]

    /// How many numbers.
    var count: Int { shape.reduce(1, *) }

    /// Whether its numbers stand one after the other.
    var isContiguous: Bool {
        var expected = 1
        for (size, stride) in zip(shape, strides).reversed() where size != 1 {
            if stride != expected { return false }
            expected *= size
        }
        return true
    }
}

/// Everything a pickle has been found to hold.
struct PickleContents {
    /// The value the pickle stands for.
    var root = PickleValue.none
    var tuples: [[PickleValue]] = []
    /// What stands under texts, in the pickle's order; other keys are dropped.
    var dictionaries: [[(key: String, value: PickleValue)]] = []
    var storages: [StoredBlock] = []

    /// What stands under a text in a dictionary, the last where it stands there twice.
    func value(_ key: String, of dictionary: Int) -> PickleValue? {
        dictionaries[dictionary].last { $0.key == key }?.value
    }
}
