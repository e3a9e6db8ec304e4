public import Networks
public import Tensors

/// Where the moments of a network's batch normalisations stand in one flat run: how they travel.
///
/// For each normalisation, in the order of the specifications: the number of rows, the mean of each
/// channel, the (biased) variance of each channel.
public struct StatisticsLayout: Sendable {
    private let entries: [(path: String, width: Int, offset: Int)]
    /// How many values there are.
    public let count: Int

    private static let suffix = ".running_mean"

    /// The layout for a network's normalisations.
    public init(_ specifications: [ParameterSpecification]) {
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

    /// The moments that passes over one view or several collected, pooled over the views, in the
    /// layout's order.
    public func ordered(_ views: [[Pass.Moments]]) -> [Pass.Moments] {
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
            return Pass.Moments(path: entry.path, moments: pooled(seen))
        }
    }

    /// The moments as one flat run.
    public func packed(_ moments: [Pass.Moments]) -> Tensor {
        var flat = FlatAssembler(count: count)
        for (entry, seen) in zip(entries, moments) {
            flat.write(Tensor(Float(seen.moments.count)), at: entry.offset)
            flat.write(seen.moments.mean, at: entry.offset + 1)
            flat.write(seen.moments.variance, at: entry.offset + 1 + entry.width)
        }
        return flat.finished()
    }

    /// The moments of a flat run; nil if it is not one of this layout.
    public func unpacked(_ flat: Tensor) -> [Pass.Moments]? {
        guard flat.count == count else { return nil }
        var moments: [Pass.Moments] = []
        for entry in entries {
            let rows = flat[0, entry.offset]
            guard rows >= 0, rows < 0x1p24, rows == rows.rounded() else { return nil }
            func channels(_ offset: Int) -> Tensor {
                flat.unpacked(at: offset, rows: 1, columns: entry.width)
            }
            moments.append(
                Pass.Moments(
                    path: entry.path,
                    moments: BatchMoments(
                        count: Int(rows), mean: channels(entry.offset + 1),
                        variance: channels(entry.offset + 1 + entry.width))))
        }
        return moments
    }
}
