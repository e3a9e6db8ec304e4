import Foundation

/// Mean of paired differences with its 95 % confidence interval by Student's t.
///
/// The members of a pair differ only in the compared setting.
package struct PairedDifference: Sendable, Codable, Equatable {
    /// One difference per pair.
    package let differences: [Double]
    /// Their mean.
    package let mean: Double
    /// Half the interval's width: `t(n - 1, 0.975) · s / √n`; nil for a single pair.
    package let halfWidth: Double?

    /// The differences of the pairs, at least one.
    package init(_ differences: [Double]) {
        precondition(!differences.isEmpty, "No pairs.")
        self.differences = differences
        let count = Double(differences.count)
        let mean = differences.reduce(0, +) / count
        self.mean = mean
        guard differences.count > 1 else {
            // One pair has no variance, hence no interval.
            halfWidth = nil
            return
        }
        let variance = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        halfWidth = Self.quantile(degrees: differences.count - 1) * (variance / count).squareRoot()
    }

    /// Whether the interval lies on one side of zero.
    package var isClear: Bool { halfWidth.map { mean.magnitude > $0 } ?? false }

    /// The 97.5 % point of Student's t distribution.
    ///
    /// Found by bisection on the distribution function, which for whole degrees of freedom is a
    /// finite sum (Abramowitz and Stegun, 26.7.3 and 26.7.4).
    static func quantile(degrees: Int) -> Double {
        var low = 0.0
        var high = 1000.0
        for _ in 0..<200 {
            let middle = (low + high) / 2
            if within(middle, degrees: degrees) < 0.95 { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    /// The probability that |T| is at most `t`.
    private static func within(_ t: Double, degrees: Int) -> Double {
        let angle = atan(t / Double(degrees).squareRoot())
        let (sine, cosine) = (sin(angle), cos(angle))
        var term = degrees.isMultiple(of: 2) ? 1 : cosine
        var sum = degrees == 1 ? 0 : term
        var power = degrees.isMultiple(of: 2) ? 2 : 3
        while power <= degrees - 2 {
            term *= cosine * cosine * Double(power - 1) / Double(power)
            sum += term
            power += 2
        }
        return degrees.isMultiple(of: 2) ? sine * sum : 2 / Double.pi * (angle + sine * sum)
    }
}
