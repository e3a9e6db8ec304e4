internal import Glibc

/// The memory that a process has requested from the system so far.
///
/// In the steady state of training, the counts do not change from step to step.
package struct MemoryUse: Codable, Sendable, Equatable {
    /// The largest resident memory so far, in bytes.
    package var peakBytes: Int
    /// Pages that the system has provided; each costs clearing 4 KiB.
    package var pageFaults: Int
    /// Regions (64 MB and more) that the tensor pools have requested from the system.
    package var buffers: Int

    /// The given figures.
    package init(peakBytes: Int = 0, pageFaults: Int = 0, buffers: Int = 0) {
        self.peakBytes = peakBytes
        self.pageFaults = pageFaults
        self.buffers = buffers
    }

    /// The memory use of the calling process; `buffers` is the count of its pools.
    package static func ofThisProcess(buffers: Int) -> MemoryUse {
        var usage = rusage()
        unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        // Linux reports ru_maxrss in KiB.
        return MemoryUse(
            peakBytes: usage.ru_maxrss << 10, pageFaults: usage.ru_minflt, buffers: buffers)
    }
}
