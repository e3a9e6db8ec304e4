internal import CKernels
import Synchronization

/// Bytes that neither move nor change for as long as a copy of this value is held.
public protocol LastingBytes: Sendable {
    /// Calls `body` with the bytes, always the same ones.
    func withBytes<Result, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result
}

/// A run of Float32 values whose memory comes from, and returns to, a pool of reusable buffers, or is
/// somebody else's.
///
/// Written by whoever made it, and only read once it is shared: that is what makes it `Sendable`.
/// Memory of the pool is aligned to 64 bytes and holds whatever the buffer held before until it is
/// written. Memory of others is only read, and aligned as a Float32 is: no kernel asks for more.
@safe public final class Storage: @unchecked Sendable {
    let base: UnsafeMutablePointer<Float>
    /// How many values it holds.
    public let count: Int
    /// How the values lie; nil for row by row.
    let packing: Packing?
    private let packs = Mutex<[Packing: Storage]>([:])
    /// Whose the memory is; nil for the pool's.
    private let owner: (any LastingBytes)?

    init(count: Int, packing: Packing? = nil) {
        self.count = count
        self.packing = packing
        owner = nil
        let bytes = max(count, 1) * MemoryLayout<Float>.stride
        unsafe base = dj_buffer_take(bytes).assumingMemoryBound(to: Float.self)
    }

    /// The little-endian Float32 values that stand in somebody's bytes, which are not copied; nil where
    /// they do not lie as Float32 values must, or are no whole number of them.
    init?(readingIn bytes: some LastingBytes, packing: Packing? = nil) {
        let found = unsafe bytes.withBytes { span in
            unsafe span.withUnsafeBytes { unsafe $0 }
        }
        guard let start = found.baseAddress, found.count > 0,
            found.count % MemoryLayout<Float>.stride == 0,
            UInt(bitPattern: start) % UInt(MemoryLayout<Float>.alignment) == 0
        else { return nil }
        count = found.count / MemoryLayout<Float>.stride
        self.packing = packing
        owner = bytes
        unsafe base = UnsafeMutableRawPointer(mutating: start).assumingMemoryBound(to: Float.self)
    }

    deinit { if owner == nil { unsafe dj_buffer_give(base) } }

    /// Whether values may be written over those of a storage: it is the pool's, and nobody else's.
    static func mayBeWritten(_ storage: inout Storage) -> Bool {
        storage.owner == nil && isKnownUniquelyReferenced(&storage)
    }

    /// The same values in another layout: made once, then kept for as long as these are.
    func packed(_ packing: Packing) -> Storage {
        if let own = self.packing {
            precondition(own.serves(packing), "A packed weight cannot be laid out in another way.")
            return self
        }
        return packs.withLock { packs in
            if let known = packs[packing] { return known }
            let made = packing.applied(to: self)
            packs[packing] = made
            return made
        }
    }

    /// The same memory as 32-bit integers: row numbers that an operation keeps for backward.
    var integers: UnsafeMutablePointer<Int32> {
        unsafe UnsafeMutableRawPointer(base).assumingMemoryBound(to: Int32.self)
    }
}

/// Counts of the buffer pools of this process.
public struct PoolCounts: Sendable, Equatable {
    /// Regions asked of the system since the process began; constant in the steady state.
    public var systemAllocations: Int
    /// Their size in bytes.
    public var systemBytes: Int
    /// Buffers handed out, reused ones included.
    public var taken: Int

    /// The counts at this moment.
    public static var now: PoolCounts { PoolCounts(dj_buffer_counts()) }

    /// The counts of the calling thread's pool alone.
    public static var ofThisThread: PoolCounts { PoolCounts(dj_buffer_thread_counts()) }

    private init(_ counts: dj_pool_counts) {
        systemAllocations = Int(counts.system_allocations)
        systemBytes = Int(counts.system_bytes)
        taken = Int(counts.taken)
    }
}

/// The calling thread's buffers, for whoever has one thread go on in another's stead.
package enum BufferPool {
    /// What stands for them; valid as long as the process.
    package static var mine: UInt { unsafe UInt(bitPattern: dj_pool_mine()) }

    /// Makes another thread's buffers the calling one's, which has taken none so far; that thread
    /// takes none any more and calls ``leave()``.
    package static func take(_ buffers: UInt) {
        unsafe dj_pool_become(UnsafeMutableRawPointer(bitPattern: buffers))
    }

    /// Leaves the calling thread's buffers to the one that took them.
    package static func leave() { dj_pool_forget() }
}
