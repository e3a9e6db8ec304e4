/// Interrupts the same work at each of its disk operations, each time on a new disk.
package enum FaultSweep {
    /// One interrupted attempt.
    package struct Attempt: Sendable {
        /// The number of the operation at which the fault occurs.
        package let operation: Int
        /// The part of unsynchronised changes that the crash kept.
        package let durability: SimulatedDisk.Durability
        /// Whether the work ended without an error.
        package let isDone: Bool
    }

    /// Stops the machine at each operation in turn, restarts it and examines the disk.
    ///
    /// - Parameters:
    ///   - durabilities: what crashes keep; each operation is interrupted once for each.
    ///   - prepare: brings a new disk to the state before the work.
    ///   - work: the work that is interrupted.
    ///   - examine: examines the restarted disk.
    /// - Returns: the number of interrupted operations, of which the last follows the work's end.
    @discardableResult
    package static func crash<Subject>(
        keeping durabilities: [SimulatedDisk.Durability],
        prepare: (SimulatedDisk) throws -> Subject,
        work: (Subject) throws -> Void,
        examine: (Attempt, Subject, SimulatedDisk) throws -> Void
    ) rethrows -> Int {
        var operation = 0
        var isOver = false
        while !isOver {
            for durability in durabilities {
                let disk = SimulatedDisk()
                let subject = try prepare(disk)
                disk.arm(.crash(atOperation: operation, keeping: durability))
                // The error is the injected fault; only the state of the disk matters.
                let isDone = (try? work(subject)) != nil
                // The work ended before the fault, so that every operation has been interrupted.
                isOver = disk.operations <= operation
                disk.restart()
                try examine(
                    Attempt(operation: operation, durability: durability, isDone: isDone), subject,
                    disk)
            }
            operation += 1
        }
        return operation
    }

    /// Lets each operation fail in turn and examines the disk.
    ///
    /// - Parameters:
    ///   - prepare: brings a new disk to the state before the work.
    ///   - work: the work of which one operation fails.
    ///   - examine: receives the failed operation's number, the work's result if it succeeded
    ///     nevertheless, and the disk.
    /// - Returns: the number of operations that failed.
    @discardableResult
    package static func fail<Subject, Value>(
        prepare: (SimulatedDisk) throws -> Subject,
        work: (Subject) throws -> Value,
        examine: (_ operation: Int, Value?, Subject, SimulatedDisk) throws -> Void
    ) rethrows -> Int {
        var operation = 0
        var isOver = false
        while !isOver {
            let disk = SimulatedDisk()
            let subject = try prepare(disk)
            disk.arm(.failure(atOperation: operation, reason: "fails for a test"))
            let value = try? work(subject)
            // The work ended before the fault, so that every operation has failed once.
            isOver = disk.operations <= operation
            if !isOver {
                try examine(operation, value, subject, disk)
                operation += 1
            }
        }
        return operation
    }
}
