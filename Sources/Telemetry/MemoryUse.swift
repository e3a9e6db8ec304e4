internal import Glibc

/// What a process has asked of the system so far.
///
/// In the steady state of training the counts stand still from step to step.
package struct MemoryUse: Codable, Sendable, Equatable {
    /// The most memory it ever had resident, in bytes.
    package var peakBytes: Int
    /// Pages the system has given it: each cost a clearing of 4 KiB.
    package var pageFaults: Int
    /// Regions of memory (64 MB and more) its tensors' pools have asked of the system.
    package var buffers: Int

    /// The given figures.
    package init(peakBytes: Int = 0, pageFaults: Int = 0, buffers: Int = 0) {
        self.peakBytes = peakBytes
        self.pageFaults = pageFaults
        self.buffers = buffers
    }

    /// Of the calling process at this moment, whose pools count `buffers`.
    package static func ofThisProcess(buffers: Int) -> MemoryUse {
        var usage = rusage()
        unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return MemoryUse(
            peakBytes: usage.ru_maxrss << 10, pageFaults: usage.ru_minflt, buffers: buffers)
    }
}
