import Networks
import Settings

/// Residual of the best linear map from the student's features to the teacher's, over all points of the
/// mini-batch: a projector without parameters.
///
/// With C the centred moments at a tap, in which points of rare classes count more (``BalancedMoments``),
/// and λ = ridge * tr C_SS / d_S,
///
///     R = C_TS (C_SS + λ)⁻¹,
///     L = [E_w |t - R s|² + λ ‖R‖²] / tr C_TT = 1 - ⟨R, C_TS⟩ / tr C_TT,
///
/// averaged over the taps by their weights: the share of the teacher's variance that no linear map of the
/// student's features explains. It does not depend on the scale of either network's features. R is a
/// minimum, so that only the direct dependence remains in the gradient
///
///     ∂L/∂s_n = (2 w_n / (W tr C_TT)) [-Rᵀ (t_n - R s_n) + (ridge / d_S) ‖R‖² s_n],
///
/// with centred rows. Cost O(N d² + d³). Contributes the moments. Grade: ours.
package struct RelationReadout: MomentObjective {
    /// The name in recipes and logs: `relation.readout`.
    package static let name = "relation.readout"

    /// The taps with their weights, each once.
    package var levels: [StageFeatures.Level]
    /// The exponent of the weights: 0 counts all points alike, 1 all classes of a cloud.
    package var balance: Double
    /// λ as a share of the student's mean variance per channel, above 0.
    package var ridge: Double

    /// A residual at the given taps, by default at the finest encoder stage.
    package init(
        levels: [StageFeatures.Level] = [.init(.encoder(0))], balance: Double = 0.5,
        ridge: Double = 0.01
    ) {
        precondition(ridge > 0, "Without a ridge a student of lower rank has no best map.")
        self.levels = levels
        self.balance = balance
        self.ridge = ridge
    }

    /// The Swift expression that makes it: `RelationReadout(levels: [Level(enc0)], balance: 0.5)`.
    package var description: String {
        formula(
            of: Self.self,
            [
                ("levels", "[\(levels.map(\.description).joined(separator: ", "))]"),
                ("balance", short(balance)), ("ridge", short(ridge)),
            ])
    }

    func cost(of moments: CentredMoments) -> CentredMoments.Cost {
        let whole = moments.tt.trace
        let width = moments.ss.columns
        // A teacher without differences has nothing to explain.
        guard whole > 0 else { return .init(value: 0) }
        let lambda = ridge * moments.ss.trace / Double(width)
        guard let map = moments.ss.ridgeSolved(moments.ts, ridge: lambda) else {
            // A constant student explains nothing, and no direction is better than another.
            return .init(value: 1)
        }
        let explained = zip(map.values, moments.ts.values).reduce(0) { $0 + $1.0 * $1.1 }
        let scale = 2 / (moments.weight * whole)
        // s (RᵀR + κ), with R's Gram matrix.
        var own = map.gram
        let shrinking = ridge / Double(width) * map.squaredNorm
        for place in stride(from: 0, to: own.values.count, by: width + 1) {
            own.values[place] += shrinking
        }
        return .init(
            value: 1 - explained / whole, slopes: (map.scaled(by: -scale), own.scaled(by: scale)))
    }
}

extension Moment {
    /// `right (self + ridge)⁻¹` by Cholesky's decomposition; nil if the sum is not positive definite.
    ///
    /// In Double and by loops of this project, so that all machines compute the same bits.
    fileprivate func ridgeSolved(_ right: Moment, ridge: Double) -> Moment? {
        let n = columns
        var lower = [Double](repeating: 0, count: n * n)
        for row in 0..<n {
            for column in 0...row {
                var sum = values[row * n + column] + (row == column ? ridge : 0)
                for k in 0..<column { sum -= lower[row * n + k] * lower[column * n + k] }
                guard row == column else {
                    lower[row * n + column] = sum / lower[column * n + column]
                    continue
                }
                guard sum > 0 else { return nil }
                lower[row * n + row] = sum.squareRoot()
            }
        }
        var solved = right.values
        for first in stride(from: 0, to: solved.count, by: n) {
            for column in 0..<n {
                var sum = solved[first + column]
                for k in 0..<column { sum -= lower[column * n + k] * solved[first + k] }
                solved[first + column] = sum / lower[column * n + column]
            }
            for column in (0..<n).reversed() {
                var sum = solved[first + column]
                for k in column + 1..<n { sum -= lower[k * n + column] * solved[first + k] }
                solved[first + column] = sum / lower[column * n + column]
            }
        }
        return Moment(columns: n, values: solved)
    }

    /// The product of the transposed matrix with the matrix: columns x columns.
    fileprivate var gram: Moment {
        var gram = [Double](repeating: 0, count: columns * columns)
        for first in stride(from: 0, to: values.count, by: columns) {
            for left in 0..<columns {
                for right in 0..<columns {
                    gram[left * columns + right] += values[first + left] * values[first + right]
                }
            }
        }
        return Moment(columns: columns, values: gram)
    }
}

extension RelationReadout {
    /// Its catalogue entry.
    static let entry = ObjectiveEntry(
        name: name,
        formula: "share of the teacher's variance that no linear map of the student explains",
        source: "this project; ridge regression between features",
        grade: .ours,
        settings: [
            .init("ridge", "0.01", "share of the student's variance per channel, above 0")
        ] + BalancedMoments.settings
    ) { read in
        let moments = try BalancedMoments(read)
        return .init(
            objective: RelationReadout(
                levels: moments.levels, balance: moments.balance,
                ridge: try read.positive("ridge", default: 0.01)),
            weight: 1)
    }
}
