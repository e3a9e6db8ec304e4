package import Networks
package import Tensors

/// Layout of the moments of a network's batch normalisations in one flat tensor.
///
/// For each normalisation, in the order of the specifications: the number of rows, the mean of each
/// channel, the (biased) variance of each channel.
package struct StatisticsLayout: Sendable {
    private let entries: [(path: String, width: Int, offset: Int)]
    /// The number of values.
    package let count: Int

    private static let suffix = ".running_mean"

    /// The layout for a network's normalisations.
    package init(_ specifications: [ParameterSpecification]) {
        var entries: [(path: String, width: Int, offset: Int)] = []
        var count = 0
        for specification in specifications where specification.role == .runningMean {
            let path = String(specification.name.dropLast(Self.suffix.count))
            entries.append((path, specification.count, count))
            count += 1 + 2 * specification.count
        }
        self.entries = entries
        self.count = count
    }

    /// The moments of one or several views, pooled over the views, in the layout's order.
    package func ordered(_ views: [[ForwardContext.Moments]]) -> [ForwardContext.Moments] {
        let places = views.map { view in
            Dictionary(uniqueKeysWithValues: view.enumerated().map { ($1.path, $0) })
        }
        return entries.map { entry in
            let seen = zip(views, places).map { view, places in
                guard let place = places[entry.path] else {
                    preconditionFailure("The batch normalisation \(entry.path) saw nothing.")
                }
                return view[place].moments
            }
            return ForwardContext.Moments(path: entry.path, moments: pooled(seen))
        }
    }

    /// The moments as one flat tensor.
    package func packed(_ moments: [ForwardContext.Moments]) -> Tensor {
        var flat = FlatAssembler(count: count)
        for (entry, seen) in zip(entries, moments) {
            flat.write(Tensor(Float(seen.moments.count)), at: entry.offset)
            flat.write(seen.moments.mean, at: entry.offset + 1)
            flat.write(seen.moments.variance, at: entry.offset + 1 + entry.width)
        }
        return flat.finished()
    }

    /// The moments of a flat tensor; nil if it does not fit this layout.
    package func unpacked(_ flat: Tensor) -> [ForwardContext.Moments]? {
        // The tensor comes from a message, so its length is checked instead of assumed.
        guard flat.count == count else { return nil }
        var moments: [ForwardContext.Moments] = []
        for entry in entries {
            let rows = flat[0, entry.offset]
            guard rows >= 0, rows < 0x1p24, rows == rows.rounded() else { return nil }
            func channels(_ offset: Int) -> Tensor {
                flat.unpacked(at: offset, rows: 1, columns: entry.width)
            }
            moments.append(
                ForwardContext.Moments(
                    path: entry.path,
                    moments: BatchMoments(
                        count: Int(rows), mean: channels(entry.offset + 1),
                        variance: channels(entry.offset + 1 + entry.width))))
        }
        return moments
    }
}
