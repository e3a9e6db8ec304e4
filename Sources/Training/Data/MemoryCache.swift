import Synchronization

/// Cache that keeps values until it holds so many bytes, and then adds no more.
///
/// Values are never replaced: each is used about once per pass, in a new order, so the kept ones are found
/// in every pass, whereas a least-recently-used policy would evict most of them just before their use.
/// Thread-safe.
final class MemoryCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Contents {
        var values: [Key: Value] = [:]
        var bytes = 0
    }

    private let limit: Int
    private let size: @Sendable (Value) -> Int
    private let contents = Mutex(Contents())

    /// A cache of at most so many bytes; `size` measures values.
    init(limit: Int, size: @escaping @Sendable (Value) -> Int) {
        self.limit = limit
        self.size = size
    }

    /// Whether the value of a key is kept.
    func contains(_ key: Key) -> Bool { contents.withLock { $0.values[key] != nil } }

    /// The value of a key, created by `make` unless it is kept.
    func value(for key: Key, make: () throws -> Value) rethrows -> Value {
        if let known = contents.withLock({ $0.values[key] }) { return known }
        // Outside the lock, so that other threads do not wait while a scan is read.
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
