import Tensors

/// Lengths of what an objective contributes for some micro-shards.
///
/// They follow from the recipe and the networks alone, so that a coordinator can check the first
/// contribution that a worker sends like every later one.
package struct ContributionForm: Sendable, Equatable {
    /// Tensors gathered of each cloud that has points.
    package struct Gathered: Sendable, Equatable {
        /// The columns of a cloud's tensors, in their order.
        package var columns: [Int]
        /// The most rows that a cloud's tensors have; all of them have equally many.
        package var rows: Int

        /// Tensors of the given lengths.
        package init(columns: [Int], rows: Int) {
            self.columns = columns
            self.rows = rows
        }
    }

    /// The number of counts.
    package var counts: Int
    /// The rows and columns of each sum.
    package var sums: [[Int]]
    /// The tensors gathered of each cloud; nil for none.
    package var gathered: Gathered?

    /// A form of the given lengths.
    package init(counts: Int = 0, sums: [[Int]] = [], gathered: Gathered? = nil) {
        self.counts = counts
        self.sums = sums
        self.gathered = gathered
    }

    /// The form of an objective that contributes nothing.
    package static let nothing = ContributionForm()

    /// Whether a contribution has this form.
    package func fits(_ contribution: Contribution) -> Bool {
        contribution.counts.count == counts
            && contribution.sums.map { [$0.rows, $0.columns] } == sums
            && fits(contribution.gathered)
    }

    private func fits(_ tensors: [Contribution.Gathered]) -> Bool {
        guard let gathered else { return tensors.isEmpty }
        let width = gathered.columns.count
        guard width > 0, tensors.count.isMultiple(of: width) else { return false }
        var last = -1
        for begin in stride(from: 0, to: tensors.count, by: width) {
            let cloud = tensors[begin..<begin + width]
            let (place, rows) = (tensors[begin].place, tensors[begin].tensor.rows)
            guard place > last, (1...gathered.rows).contains(rows),
                cloud.allSatisfy({ $0.place == place && $0.tensor.rows == rows }),
                cloud.map(\.tensor.columns) == gathered.columns
            else { return false }
            last = place
        }
        return true
    }

    /// Bytes of a contribution's numbers at most, for so many clouds.
    package func mostBytes(clouds: Int) -> Int {
        let numbers = sums.reduce(0) { $0 + $1[0] * $1[1] }
        let cloud = gathered.map { $0.rows * $0.columns.reduce(0, +) } ?? 0
        return 8 * counts + 4 * (numbers + clouds * cloud)
    }
}

/// Lengths of what an objective contributes to a step's exchanges.
package struct ExchangeForm: Sendable, Equatable {
    /// Those of ``Objective/contribution(of:)``.
    package var contribution: ContributionForm
    /// Those of ``Objective/response(of:to:)``.
    package var response: ContributionForm

    /// The forms of both.
    package init(_ contribution: ContributionForm, response: ContributionForm = .nothing) {
        self.contribution = contribution
        self.response = response
    }

    /// The forms of an objective that contributes the given number of counts.
    package static func counts(_ number: Int) -> ExchangeForm {
        ExchangeForm(ContributionForm(counts: number))
    }

    /// The forms of an objective that contributes nothing.
    package static let nothing = ExchangeForm(.nothing)

    /// The form of a round.
    package subscript(round: Int) -> ContributionForm { round == 0 ? contribution : response }
}
