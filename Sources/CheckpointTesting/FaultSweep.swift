/// Interrupts the same work at each of its disk operations, each time on a new disk.
package enum FaultSweep {
    /// One interrupted attempt.
    package struct Attempt: Sendable {
        /// The number of the operation at which the fault occurs.
        package let operation: Int
        /// What a crash left of bytes and names that were not synchronised.
        package let remains: SimulatedDisk.Durability
        /// Whether the work ended without an error.
        package let isDone: Bool
    }

    /// Stops the machine at each operation in turn, restarts it and examines what is left.
    ///
    /// - Parameters:
    ///   - remains: what crashes keep; each operation is interrupted once for each.
    ///   - prepare: brings a new disk to the state before the work.
    ///   - work: the work that is interrupted.
    ///   - examine: examines the restarted disk.
    /// - Returns: how many operations were interrupted, the last one after the work had ended.
    @discardableResult
    package static func crash<Subject>(
        keeping remains: [SimulatedDisk.Durability],
        prepare: (SimulatedDisk) throws -> Subject,
        work: (Subject) throws -> Void,
        examine: (Attempt, Subject, SimulatedDisk) throws -> Void
    ) rethrows -> Int {
        var operation = 0
        var isOver = false
        while !isOver {
            for remains in remains {
                let disk = SimulatedDisk()
                let subject = try prepare(disk)
                disk.arm(.crash(atOperation: operation, keeping: remains))
                let isDone = (try? work(subject)) != nil
                isOver = disk.operations <= operation
                disk.restart()
                try examine(
                    Attempt(operation: operation, remains: remains, isDone: isDone), subject, disk)
            }
            operation += 1
        }
        return operation
    }
}
