import Files

extension CheckpointStore {
    /// A sentence if the disk has no room for the checkpoints that a run will keep; nil if it has, or
    /// if its room is unknown.
    ///
    /// - Parameters:
    ///   - checkpoint: the run's state now; later checkpoints are as large.
    ///   - interval: the number of steps between two checkpoints.
    ///   - last: the run's last step.
    package func shortage(
        of checkpoint: Checkpoint, every interval: Int, upTo last: Int
    ) throws -> String? {
        guard let available = try fileSystem.availableBytes(in: directory) else { return nil }
        let step = checkpoint.state.step
        let toSave = max(1, last / interval - step / interval)
        var permanent = 0
        if let every = retention.keepEvery {
            let both = interval / Self.greatestDivisor(interval, every) * every
            permanent = last / both - step / both
        }
        // Besides the newest: the best one, and the one that is written before an older one goes.
        let atOnce = retention.keepLast.addingReportingOverflow(2 + permanent)
        let most = atOnce.overflow ? Int.max : atOnce.partialValue
        let count = max(1, min(toSave, most - (try folders().count)))
        let size = Self.byteCount(
            of: checkpoint.groups.map {
                Shards(group: $0.name, weights: $0.weights, limit: shardBytes)
            })
        guard count.multipliedReportingOverflow(by: size).overflow || count * size > available
        else { return nil }
        return "\(directory) has room for \(ByteCount(available)), but the run will write "
            + "\(count) checkpoints of about \(ByteCount(size)): free some space, or keep fewer of "
            + "them (checkpoints.keep-last)."
    }

    /// Throws ``CheckpointError`` if the disk has no room for a checkpoint.
    func checkSpace(for groups: [Shards], of name: String) throws {
        guard let available = try fileSystem.availableBytes(in: directory) else { return }
        let needed = Self.byteCount(of: groups)
        guard needed <= available else {
            throw CheckpointError(
                "\(directory) has room for \(ByteCount(available)), but the checkpoint \(name) takes about \(ByteCount(needed)): free some space, or keep fewer checkpoints."
            )
        }
    }

    private static func greatestDivisor(_ a: Int, _ b: Int) -> Int {
        b == 0 ? a : greatestDivisor(b, a % b)
    }

    /// The bytes of a checkpoint, as an estimate.
    private static func byteCount(of groups: [Shards]) -> Int {
        // 512 bytes per tensor cover its lines in header and index; 256 KiB cover the other files.
        let tensors = groups.reduce(0) { $0 + $1.files.joined().count }
        return groups.reduce(0) { $0 + $1.byteCount } + tensors * 512 + 1 << 18
    }
}
