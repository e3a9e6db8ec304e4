package import Tensors

/// Mapping of a teacher's classes to the data's: the teacher's classes that are the parts of each class.
///
/// The probability of a class of the data is the sum of its parts' probabilities, divided by the sum over
/// all parts: classes of the teacher that are no part are left out, and the remaining probabilities sum to
/// 1. In scores, which softmax turns into these probabilities:
///
///     s'(c) = log Σ exp s(k) over the parts k of c
///
/// A class of one part keeps its scores bit for bit. A temperature is applied after the sum.
package struct ClassMapping: Codable, Sendable, Equatable {
    /// For each of the data's classes the places of its parts among the teacher's, ascending.
    package let parts: [[Int]]

    /// A mapping of the given parts, at least one for each class.
    package init(parts: [[Int]]) {
        precondition(parts.allSatisfy { !$0.isEmpty }, "A class has no parts.")
        self.parts = parts
    }

    /// The classes, of so many, that are no part.
    package func left(of count: Int) -> [Int] {
        let taken = Set(parts.joined())
        return (0..<count).filter { !taken.contains($0) }
    }

    /// The scores of the data's classes, row by row.
    package func callAsFunction(_ scores: Tensor) -> Tensor {
        var columns = parts.map { Self.column($0[0], of: scores) }
        for (place, parts) in parts.enumerated() where parts.count > 1 {
            let all = parts.map { Self.column($0, of: scores) }
            // Of m + log Σ exp(s - m), the sum is 1 over the greatest share.
            let shares = Tensor(rows: scores.rows, columns: parts.count) { values in
                for row in 0..<scores.rows {
                    for part in parts.indices {
                        values[row * parts.count + part] = all[part][row]
                    }
                }
            }.softmax()
            shares.withValues { shares in
                for row in 0..<scores.rows {
                    var (score, share) = (-Float.infinity, Float(0))
                    for part in parts.indices {
                        score = max(score, all[part][row])
                        share = max(share, shares[row * parts.count + part])
                    }
                    // The greatest share is 0 only if scores are not finite, where the logarithm
                    // would be NaN.
                    let sum = share > 0 ? Float(Double(score) - logarithm(Double(share))) : score
                    columns[place][row] = sum
                }
            }
        }
        return Tensor(rows: scores.rows, columns: parts.count) { values in
            for row in 0..<scores.rows {
                for place in columns.indices {
                    values[row * columns.count + place] = columns[place][row]
                }
            }
        }
    }

    private static func column(_ place: Int, of scores: Tensor) -> [Float] {
        scores.withValues { values in
            (0..<scores.rows).map { values[$0 * scores.columns + place] }
        }
    }
}

extension ClassMapping {
    /// The name in recipes for classes that are left out.
    static let ignored = "ignored"

    /// The mapping by names: each class goes to its class in `assignments`, or else to the class of the
    /// same name, or else is left out.
    ///
    /// Throws one sentence for unknown names and for classes without a part.
    init(
        of known: [String], onto classes: [String], _ assignments: [String: String]
    ) throws(ModelError) {
        for (name, target) in assignments.sorted(by: { $0.key < $1.key }) {
            guard known.contains(name) else {
                throw ModelError(
                    "teacher.classes names '\(name)', which the teacher does not know: its classes "
                        + "are \(known.joined(separator: ", ")).")
            }
            guard target == Self.ignored || classes.contains(target) else {
                throw ModelError(
                    "teacher.classes has '\(name)' stand for '\(target)', which the data do not "
                        + "have: give \(classes.joined(separator: ", ")) or \(Self.ignored).")
            }
        }
        let parts = classes.map { name in
            known.indices.filter { (assignments[known[$0]] ?? known[$0]) == name }
        }
        let lacking = classes.indices.filter { parts[$0].isEmpty }.map { classes[$0] }
        guard lacking.isEmpty else {
            throw ModelError(
                "No class of the teacher stands for \(lacking.joined(separator: ", ")): say under "
                    + "teacher.classes which of \(known.joined(separator: ", ")) do, or take these "
                    + "classes out of data.classes.")
        }
        self.init(parts: parts)
    }
}
