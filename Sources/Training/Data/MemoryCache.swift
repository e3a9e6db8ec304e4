import Synchronization

/// Values kept in memory until they come to so many bytes; then those that are there stay.
///
/// Nothing is ever dropped for something else: where every value is wanted about once a pass, in an
/// order drawn anew, those that stay are found each time, whereas under replacement of the least
/// recently used most would be gone just before their turn. Any thread may ask.
final class MemoryCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Contents {
        var values: [Key: Value] = [:]
        var bytes = 0
    }

    private let limit: Int
    private let size: @Sendable (Value) -> Int
    private let contents = Mutex(Contents())

    /// A cache of at most so many bytes, by what `size` says of each value.
    init(limit: Int, size: @escaping @Sendable (Value) -> Int) {
        self.limit = limit
        self.size = size
    }

    /// Whether the value of a key is kept.
    func contains(_ key: Key) -> Bool { contents.withLock { $0.values[key] != nil } }

    /// The value of a key, made by `make` where it is not kept.
    func value(for key: Key, make: () throws -> Value) rethrows -> Value {
        if let known = contents.withLock({ $0.values[key] }) { return known }
        let value = try make()
        let bytes = size(value)
        contents.withLock { contents in
            guard contents.values[key] == nil, bytes <= limit - contents.bytes else { return }
            contents.values[key] = value
            contents.bytes += bytes
        }
        return value
    }
}
