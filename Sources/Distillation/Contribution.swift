package import Tensors

/// Statistics of some micro-shards that the whole mini-batch needs.
///
/// Contributions are summed: counts and sums element by element, gathered tensors in the order of their
/// clouds. Since floating-point sums depend on their order, the mini-batch's totals follow one fixed
/// tree: ``total(of:)``.
package struct Contribution: Sendable {
    /// Tensor of one cloud.
    package struct Gathered: Sendable {
        /// The cloud's place in the mini-batch.
        package var place: Int
        /// The tensor; constants.
        package var tensor: Tensor

        /// A tensor of the cloud at a place.
        package init(place: Int, tensor: Tensor) {
            self.place = place
            self.tensor = tensor
        }
    }

    /// Numbers that are summed: points, labelled points.
    package var counts: [Double]
    /// Tensors that are summed: Gram matrices.
    package var sums: [Tensor]
    /// Tensors that are collected, by ascending place; a cloud may have several consecutive ones.
    package var gathered: [Gathered]

    /// A contribution of the given parts; `gathered` must be sorted by place.
    package init(counts: [Double] = [], sums: [Tensor] = [], gathered: [Gathered] = []) {
        precondition(
            zip(gathered, gathered.dropFirst()).allSatisfy { $0.place <= $1.place },
            "Gathered tensors stand in the order of their clouds.")
        self.counts = counts
        self.sums = sums
        self.gathered = gathered
    }

    /// The contribution of an objective that needs no statistics of the mini-batch.
    package static let nothing = Contribution()

    /// Whether it has no parts.
    package var isEmpty: Bool { counts.isEmpty && sums.isEmpty && gathered.isEmpty }
}

// MARK: - Adding

extension Contribution {
    /// The contribution of two sets of micro-shards, those of `left` before those of `right`.
    ///
    /// Throws if the two cannot belong to the same objective, or both hold the same cloud.
    package static func sum(_ left: Contribution, _ right: Contribution) throws -> Contribution {
        guard
            // Contributions arrive in messages: a worker with another recipe must not end the coordinator in
            // a failed precondition of the tensor operations.
            left.counts.count == right.counts.count, left.sums.count == right.sums.count,
            zip(left.sums, right.sums).allSatisfy({
                $0.rows == $1.rows && $0.columns == $1.columns
            })
        else {
            throw ObjectiveError(
                "Two contributions of different shapes (\(left.shape), \(right.shape)) cannot be "
                    + "added: one of them was computed from another recipe.")
        }
        return Contribution(
            counts: zip(left.counts, right.counts).map { $0 + $1 },
            sums: zip(left.sums, right.sums).map { $0 + $1 },
            gathered: try merged(left.gathered, right.gathered))
    }

    private static func merged(_ left: [Gathered], _ right: [Gathered]) throws -> [Gathered] {
        var merged: [Gathered] = []
        merged.reserveCapacity(left.count + right.count)
        var l = 0
        var r = 0
        while l < left.count, r < right.count {
            // Two results for one cloud mean that a micro-shard was counted twice, which would be invisible
            // in the sum.
            guard left[l].place != right[r].place else {
                throw ObjectiveError(
                    "Two micro-shards both contribute the cloud at place \(left[l].place).")
            }
            if left[l].place < right[r].place {
                merged.append(left[l])
                l += 1
            } else {
                merged.append(right[r])
                r += 1
            }
        }
        return merged + left[l...] + right[r...]
    }

    /// The total over a mini-batch's micro-shards, in the order of their ids.
    ///
    /// The number of micro-shards alone fixes the tree: the left branch holds the largest power of two
    /// below that number. Subtrees that begin at a multiple of their size are whole branches, so workers
    /// may sum them without changing a bit of the total.
    package static func total(of contributions: [Contribution]) throws -> Contribution {
        try total(of: contributions[...])
    }

    private static func total(of part: ArraySlice<Contribution>) throws -> Contribution {
        guard part.count > 1 else { return part.first ?? .nothing }
        var half = 1
        // The largest power of two, not half of the count: only then do aligned ranges of micro-shards, as
        // workers hold them, coincide with branches.
        while 2 * half < part.count { half *= 2 }
        return try sum(total(of: part.prefix(half)), total(of: part.dropFirst(half)))
    }
}

// MARK: - Shape

extension Contribution {
    /// Lengths of a contribution's parts.
    ///
    /// They are needed to read a contribution from raw tensors, and must agree before two are summed.
    package struct Shape: Sendable, Equatable, CustomStringConvertible {
        /// The number of counts.
        package var counts: Int
        /// The shapes of the sums.
        package var sums: [[Int]]
        /// The places and shapes of the gathered tensors: place, rows, columns.
        package var gathered: [[Int]]

        /// A shape of the given lengths.
        package init(counts: Int, sums: [[Int]], gathered: [[Int]]) {
            self.counts = counts
            self.sums = sums
            self.gathered = gathered
        }

        /// `2 counts, sums 16x16 16x32, gathered 0:1024x16`.
        package var description: String {
            let sums = sums.map { $0.map(String.init).joined(separator: "x") }
            let gathered = gathered.map { "\($0[0]):\($0[1])x\($0[2])" }
            return
                (["\(counts) counts"]
                + (sums.isEmpty ? [] : ["sums " + sums.joined(separator: " ")])
                + (gathered.isEmpty ? [] : ["gathered " + gathered.joined(separator: " ")]))
                .joined(separator: ", ")
        }
    }

    /// The lengths of the parts.
    package var shape: Shape {
        Shape(
            counts: counts.count, sums: sums.map { [$0.rows, $0.columns] },
            gathered: gathered.map { [$0.place, $0.tensor.rows, $0.tensor.columns] })
    }

    /// The tensors in a fixed order: the sums, then the gathered ones.
    ///
    /// Messages carry them with ``shape`` and ``counts``, which together are the whole contribution.
    package var tensors: [Tensor] { sums + gathered.map(\.tensor) }

    /// The contribution of ``shape``, ``counts`` and ``tensors``.
    ///
    /// Throws if lengths disagree, since shape and tensors are read from messages.
    package init(shape: Shape, counts: [Double], tensors: [Tensor]) throws {
        let shapes = shape.sums + shape.gathered.map { Array($0.dropFirst()) }
        guard
            shape.counts == counts.count, shapes.count == tensors.count,
            shape.sums.allSatisfy({ $0.count == 2 }), shape.gathered.allSatisfy({ $0.count == 3 }),
            zip(shapes, tensors).allSatisfy({ $0 == [$1.rows, $1.columns] }),
            // The initialiser's precondition on the order must not be reachable from a message.
            zip(shape.gathered, shape.gathered.dropFirst()).allSatisfy({ $0[0] <= $1[0] })
        else {
            throw ObjectiveError(
                "A contribution does not have the shape it declares (\(counts.count) counts, "
                    + "\(tensors.count) tensors): it was cut short or damaged.")
        }
        self.init(
            counts: counts, sums: Array(tensors.prefix(shape.sums.count)),
            gathered: zip(shape.gathered, tensors.dropFirst(shape.sums.count)).map {
                Gathered(place: $0[0], tensor: $1)
            })
    }
}

/// Sums of the contributions and responses of all micro-shards of a mini-batch.
package struct Totals: Sendable {
    /// The sum of the contributions.
    package let whole: Contribution
    /// The sum of the responses; nothing before they are received, or if no objective responds.
    package let responses: Contribution

    /// Totals of the given sums over all micro-shards.
    package init(_ whole: Contribution, responses: Contribution = .nothing) {
        self.whole = whole
        self.responses = responses
    }

    /// The counts; throws unless there are as many as the objective contributes.
    package func counts(_ number: Int, for objective: some Objective) throws -> [Double] {
        // Totals arrive in messages, possibly from a coordinator with another recipe.
        guard whole.counts.count == number else { throw mismatch(objective) }
        return whole.counts
    }

    /// The error for totals of another objective or another recipe.
    package func mismatch(_ objective: some Objective) -> ObjectiveError {
        ObjectiveError(
            "\(type(of: objective).name) was given totals it did not ask for (\(whole.shape)): "
                + "coordinator and worker follow different recipes.")
    }
}
