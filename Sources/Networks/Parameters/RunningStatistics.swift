public import Tensors

/// Mean and variance of several groups of rows taken as one.
///
/// The variance is biased, as the groups' are, and holds both the variance inside the groups and
/// that of their means (Chan et al., 1979). Sums run in Double in the order given, so the order of
/// the groups (that of the micro-shards) fixes the bits.
public func pooled(_ groups: [BatchMoments]) -> BatchMoments {
    precondition(!groups.isEmpty, "There are no moments to pool.")
    // A single group keeps its bits; the sums below might round them.
    if groups.count == 1 { return groups[0] }
    let width = groups[0].mean.columns
    let total = groups.reduce(0) { $0 + $1.count }
    let columns = groups.map { (Double($0.count), $0.mean.values, $0.variance.values) }
    var means = [Float](repeating: 0, count: width)
    var variances = means
    for channel in 0..<width {
        var sum = 0.0
        for (count, mean, _) in columns { sum += count * Double(mean[channel]) }
        let mean = sum / Double(max(total, 1))
        var squares = 0.0
        for (count, groupMean, variance) in columns {
            let offset = Double(groupMean[channel]) - mean
            squares += count * (Double(variance[channel]) + offset * offset)
        }
        means[channel] = Float(mean)
        variances[channel] = Float(squares / Double(max(total, 1)))
    }
    return BatchMoments(
        count: total, mean: Tensor(rows: 1, columns: width, means),
        variance: Tensor(rows: 1, columns: width, variances))
}

extension Weights {
    /// The weights with their running statistics moved towards a step's moments.
    ///
    /// `running += momentum * (seen - running)`, the variance unbiased (times n/(n - 1)), and one
    /// batch more counted, as the public implementation's batch normalisation does with momentum
    /// 0.01. Fewer than two rows have no variance and leave the statistics as they are.
    ///
    /// - Parameters:
    ///   - moments: for each normalisation's path, the moments of all micro-shards of the step,
    ///     pooled in their order (``pooled(_:)``).
    ///   - momentum: the weight of the step's moments.
    public func updatedStatistics(of moments: [ForwardContext.Moments], momentum: Float = 0.01)
        -> Weights
    {
        var updated = self
        for seen in moments where seen.moments.count > 1 {
            let count = Float(seen.moments.count)
            updated.move("\(seen.path).running_mean") { _, old in
                old.moved(towards: seen.moments.mean, by: momentum)
            }
            updated.move("\(seen.path).running_var") { _, old in
                old.moved(towards: seen.moments.variance, times: count / (count - 1), by: momentum)
            }
            updated.move("\(seen.path).num_batches_tracked") { _, old in Tensor(old.scalar + 1) }
        }
        return updated
    }

    private mutating func move(_ name: String, _ change: (String, Tensor) -> Tensor) {
        guard let place = place(of: name) else {
            preconditionFailure("There is no \(name) among the weights.")
        }
        let old = self[place]
        self[place] = NamedTensor(name: name, shape: old.shape, tensor: change(name, old.tensor))
    }
}

extension Tensor {
    /// `self + momentum * (factor * seen - self)`, value by value.
    fileprivate func moved(towards seen: Tensor, times factor: Float = 1, by momentum: Float)
        -> Tensor
    {
        precondition(
            count == seen.count, "Statistics of \(count) channels, moments of \(seen.count).")
        return withValues { old in
            seen.withValues { new in
                Tensor(rows: rows, columns: columns) { values in
                    for index in values.indices {
                        values[index] =
                            (1 - momentum) * old[index] + momentum * (factor * new[index])
                    }
                }
            }
        }
    }
}
