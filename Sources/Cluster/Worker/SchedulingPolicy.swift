import Glibc

/// The scheduling policies of compute threads.
enum SchedulingPolicy: Int32 {
    // Policies of <sched.h>, which Swift's Glibc leaves out.
    /// `SCHED_BATCH`: threads that wake for a moment need not wait for this one.
    ///
    // The coordinator's part of a step took 11 ms instead of 19 with two workers on two cores once
    // compute threads gave way to its thread and to the network's.
    case batch = 3
    /// `SCHED_IDLE`: the thread runs only while no other thread of the machine wants to.
    case idle = 5

    /// Applies the policy to the calling thread.
    ///
    /// A refusal by the system leaves the thread's policy unchanged: it costs time, not results.
    func adopt() {
        var none = sched_param()
        _ = unsafe sched_setscheduler(0, rawValue, &none)
    }
}
