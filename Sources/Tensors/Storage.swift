internal import CKernels
import Synchronization

/// Bytes that neither move nor change for as long as a copy of this value is held.
public protocol LastingBytes: Sendable {
    /// Calls `body` with the bytes, always the same ones.
    func withBytes<Result, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result
}

/// A run of Float32 values in memory that comes from a pool of reusable buffers and returns to it, or
/// in memory that the caller owns.
///
/// A storage is written by its creator and only read after it is shared, which makes it `Sendable`.
/// Memory of the pool is aligned to 64 bytes and contains arbitrary values until it is written.
/// Memory of the caller is only read, and aligned like a Float32: no kernel requires more.
@safe public final class Storage: @unchecked Sendable {
    let base: UnsafeMutablePointer<Float>
    /// The number of values.
    public let count: Int
    /// The layout of the values; nil for row by row.
    let packing: Packing?
    private let packs = Mutex<[Packing: Storage]>([:])
    /// The owner of the memory; nil for the pool.
    private let owner: (any LastingBytes)?

    init(count: Int, packing: Packing? = nil) {
        self.count = count
        self.packing = packing
        owner = nil
        // Kernels receive the address even of an empty storage.
        let bytes = max(count, 1) * MemoryLayout<Float>.stride
        unsafe base = dj_buffer_take(bytes).assumingMemoryBound(to: Float.self)
    }

    /// The little-endian Float32 values in the caller's bytes, which are not copied; nil if the bytes
    /// are not aligned for Float32 values or are not a whole number of them.
    init?(readingIn bytes: some LastingBytes, packing: Packing? = nil) {
        // The address outlives the closure: `LastingBytes` promises that it stays valid while a copy
        // of the value is held, and `owner` holds one.
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

    /// Whether the values of a storage may be overwritten: its memory is the pool's, and no other
    /// reference exists.
    static func mayBeWritten(_ storage: inout Storage) -> Bool {
        storage.owner == nil && isKnownUniquelyReferenced(&storage)
    }

    /// The same values in another layout, which is made once and kept with the storage.
    func packed(_ packing: Packing) -> Storage {
        if let own = self.packing {
            precondition(own.serves(packing), "A packed weight cannot be packed in another layout.")
            return self
        }
        // Packing under the lock: threads that need the same layout at once would each make it.
        return packs.withLock { packs in
            if let known = packs[packing] { return known }
            let made = packing.applied(to: self)
            packs[packing] = made
            return made
        }
    }

    /// The same memory as 32-bit integers: row indices that an operation keeps for backward.
    var integers: UnsafeMutablePointer<Int32> {
        unsafe UnsafeMutableRawPointer(base).assumingMemoryBound(to: Int32.self)
    }
}

/// Counts of the buffer pools of this process.
public struct PoolCounts: Sendable, Equatable {
    /// Regions allocated by the system since the process began; constant in the steady state.
    public var systemAllocations: Int
    /// The size of the regions in bytes.
    public var systemBytes: Int
    /// Buffers taken, reused ones included.
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

/// The calling thread's buffers, for a thread that continues the work of another.
package enum BufferPool {
    /// A handle of the buffers, valid as long as the process.
    package static var mine: UInt { unsafe UInt(bitPattern: dj_pool_mine()) }

    /// Transfers another thread's buffers to the calling thread, which has not taken any.
    ///
    /// The other thread takes no more buffers and calls ``leave()``.
    package static func take(_ buffers: UInt) {
        unsafe dj_pool_become(UnsafeMutableRawPointer(bitPattern: buffers))
    }

    /// Gives up the calling thread's buffers, which another thread has taken over.
    package static func leave() { dj_pool_forget() }
}
