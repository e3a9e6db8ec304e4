import Networks
import Settings
package import Tensors

/// Lovász-softmax loss (Berman, Triki & Blaschko, CVPR 2018): a convex surrogate of one minus the mean
/// intersection over union of the classes present.
///
/// With p = softmax(logits) and, for a class c, errors e_n = 1 - p_nc where the label is c, else
/// p_nc, sorted in descending order:
///
///     L_c = Σ_n e_n (J_n - J_n-1),   J_n = 1 - (G - hits_n) / (G + misses_n),
///
/// where G is the number of points of class c, and of the first n errors hits_n belong to class c and
/// misses_n do not. A cloud's loss is the mean of L_c over the classes that its labels contain. Sorting
/// couples points, so the loss is computed cloud by cloud and averaged with the clouds' shares of the
/// mini-batch's labelled points as weights: no cloud's term depends on another cloud.
///
/// Backward: ± (J_n - J_n-1) for each error, then the backward of softmax. Equal errors are ordered by
/// row; the value does not depend on their order.
/// Cost O(n) per class present (radix sort). Contributes the number of labelled points. Grade: exact.
package struct LovaszSoftmax: Objective {
    /// The name in recipes and logs: `task.lovasz`.
    package static let name = "task.lovasz"

    /// The Lovász-softmax loss.
    package init() {}

    /// Labels.
    package var needs: Needs { .labels }

    /// The Swift expression that makes it: `LovaszSoftmax()`.
    package var description: String { formula(of: Self.self, []) }

    /// One count.
    package func exchange(for pair: NetworkPair) throws -> ExchangeForm { .counts(1) }

    /// One count: the number of labelled points.
    package func contribution(of input: ObjectiveInput) throws -> Contribution {
        try input.checkLabels(for: self)
        return Contribution(counts: [Double(input.labels.count { $0 >= 0 })])
    }

    /// The share of this micro-shard's clouds in the weighted mean.
    package func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        try input.checkLabels(for: self)
        let total = try totals.counts(1, for: self)[0]
        let probabilities = input.student.logits.softmax()
        // A mini-batch without labels has no mean; its loss is 0, not NaN.
        guard total > 0 else {
            return .share("lovasz", of: probabilities, value: 0, gradient: nil)
        }
        let classes = input.classes
        var loss = 0.0
        var errors = DescendingErrors()
        let gradient = Tensor(rows: probabilities.rows, columns: classes) { gradient in
            // Only the columns of present classes are written below.
            for index in gradient.indices { gradient[index] = 0 }
            probabilities.withValues { p in
                for range in input.cloudRanges {
                    let labelled = range.filter { input.labels[$0] >= 0 }
                    var members = [Int](repeating: 0, count: classes)
                    for row in labelled { members[Int(input.labels[row])] += 1 }
                    let present = members.count { $0 > 0 }
                    let weight = Double(labelled.count) / total / Double(max(present, 1))
                    for wanted in 0..<classes where members[wanted] > 0 {
                        errors.removeAll()
                        for row in labelled {
                            let p = p[row * classes + wanted]
                            let error = Int(input.labels[row]) == wanted ? 1 - p : p
                            errors.append(error, row: row)
                        }
                        errors.sort()
                        var jaccard = JaccardSteps(members: members[wanted])
                        for (error, row) in errors {
                            let hit = Int(input.labels[row]) == wanted
                            let step = weight * jaccard.step(hit: hit)
                            loss += step * Double(error)
                            gradient[row * classes + wanted] = Float(hit ? -step : step)
                        }
                    }
                }
            }
        }
        return .share("lovasz", of: probabilities, value: loss, gradient: gradient)
    }
}

extension LovaszSoftmax {
    /// Its catalogue entry.
    static let entry = ObjectiveEntry(
        name: name,
        formula: "Lovász extension of 1 - mean IoU over a cloud's classes, by labelled points",
        source: "Berman, Triki & Blaschko, CVPR 2018",
        grade: .exact,
        settings: []
    ) { _ in .init(objective: LovaszSoftmax(), weight: 1) }
}

/// Increments of the Jaccard loss as errors are added one by one.
private struct JaccardSteps {
    let members: Double
    var hits = 0.0
    var misses = 0.0
    var value = 0.0

    init(members: Int) { self.members = Double(members) }

    mutating func step(hit: Bool) -> Double {
        if hit { hits += 1 } else { misses += 1 }
        let next = 1 - (members - hits) / (members + misses)
        defer { value = next }
        return next - value
    }
}

/// Errors between 0 and 1 with their rows, in descending order; ties by ascending row.
///
/// A radix sort of three passes over the 30 bits that such numbers use.
struct DescendingErrors: Sequence {
    private var entries: [UInt64] = []
    private var spare: [UInt64] = []

    mutating func removeAll() { entries.removeAll(keepingCapacity: true) }

    /// Adds an error, clamped to the unit interval; rows must be added in ascending order.
    mutating func append(_ error: Float, row: Int) {
        // Rounding may move an error out of 0 ... 1, where bits are in the order of values.
        let clamped = Swift.min(Swift.max(0, error), 1)
        // Error and row share a word, so that one sort moves both.
        entries.append(UInt64(Self.flip - clamped.bitPattern) << 32 | UInt64(UInt32(row)))
    }

    /// A number above the bits of 1.0, so that larger errors have smaller keys.
    private static let flip: UInt32 = 0x3fff_ffff
    private static let digitBits = 10

    mutating func sort() {
        // Kept between calls, since every class of every cloud is sorted.
        if spare.count < entries.count { spare = [UInt64](repeating: 0, count: entries.count) }
        if spare.count > entries.count { spare.removeLast(spare.count - entries.count) }
        let mask: UInt64 = (1 << Self.digitBits) - 1
        // A comparison sort of a hundred thousand points for each class would cost more than the student's
        // head.
        for pass in 0..<3 {
            let shift = UInt64(32 + pass * Self.digitBits)
            var starts = [Int](repeating: 0, count: 1 << Self.digitBits)
            for entry in entries { starts[Int((entry >> shift) & mask)] += 1 }
            var sum = 0
            for digit in starts.indices {
                let count = starts[digit]
                starts[digit] = sum
                sum += count
            }
            for entry in entries {
                let digit = Int((entry >> shift) & mask)
                spare[starts[digit]] = entry
                starts[digit] += 1
            }
            swap(&entries, &spare)
        }
    }

    func makeIterator() -> some IteratorProtocol<(Float, Int)> {
        entries.lazy.map { entry in
            let error = Float(bitPattern: Self.flip - UInt32(truncatingIfNeeded: entry >> 32))
            return (error, Int(UInt32(truncatingIfNeeded: entry)))
        }.makeIterator()
    }
}
