package import Tensors

/// What the whole mini-batch must know of some of its micro-shards.
///
/// Two contributions add up to one: counts and sums element by element, gathered tensors side by
/// side in the order of their clouds. Since floating-point sums depend on their order, the
/// mini-batch's are taken over one fixed tree: ``total(of:)``.
package struct Contribution: Sendable {
    /// A tensor of one cloud.
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

    /// Numbers that are added: points, labelled points.
    package var counts: [Double]
    /// Tensors that are added: Gram matrices.
    package var sums: [Tensor]
    /// Tensors that are collected, by ascending place; a cloud may have several in a row.
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

    /// The contribution of an objective that needs nothing from the others.
    package static let nothing = Contribution()

    /// Whether there is nothing in it.
    package var isEmpty: Bool { counts.isEmpty && sums.isEmpty && gathered.isEmpty }
}

// MARK: - Adding

extension Contribution {
    /// The contribution of two sets of micro-shards, those of `left` before those of `right`.
    ///
    /// Throws if the two cannot belong to the same objective, or both speak of the same cloud.
    package static func sum(_ left: Contribution, _ right: Contribution) throws -> Contribution {
        guard
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
    /// The tree is fixed by their number alone: the left branch holds the largest power of two
    /// that is smaller than it. Subtrees that begin at a multiple of their size are whole branches,
    /// so it makes no difference who adds them up.
    package static func total(of contributions: [Contribution]) throws -> Contribution {
        try total(of: contributions[...])
    }

    private static func total(of part: ArraySlice<Contribution>) throws -> Contribution {
        guard part.count > 1 else { return part.first ?? .nothing }
        var half = 1
        while 2 * half < part.count { half *= 2 }
        return try sum(total(of: part.prefix(half)), total(of: part.dropFirst(half)))
    }
}

// MARK: - Shape

extension Contribution {
    /// The lengths of a contribution's parts: what must be known to read it from raw tensors, and
    /// what must agree before two may be added.
    package struct Shape: Sendable, Equatable, CustomStringConvertible {
        /// How many counts.
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

    /// The lengths of its parts.
    package var shape: Shape {
        Shape(
            counts: counts.count, sums: sums.map { [$0.rows, $0.columns] },
            gathered: gathered.map { [$0.place, $0.tensor.rows, $0.tensor.columns] })
    }

    /// Its tensors in a fixed order: the sums, then the gathered.
    ///
    /// With ``shape`` and ``counts`` they are the whole contribution: what travels.
    package var tensors: [Tensor] { sums + gathered.map(\.tensor) }

    /// The contribution of the given shape; the reverse of ``shape``, ``counts`` and ``tensors``.
    ///
    /// Throws if lengths disagree: shape and tensors come from the wire.
    package init(shape: Shape, counts: [Double], tensors: [Tensor]) throws {
        let shapes = shape.sums + shape.gathered.map { Array($0.dropFirst()) }
        guard
            shape.counts == counts.count, shapes.count == tensors.count,
            shape.sums.allSatisfy({ $0.count == 2 }), shape.gathered.allSatisfy({ $0.count == 3 }),
            zip(shapes, tensors).allSatisfy({ $0 == [$1.rows, $1.columns] }),
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

/// The contributions of all micro-shards of a mini-batch, added up.
package struct Totals: Sendable {
    /// The sum of the contributions.
    package let whole: Contribution
    /// The sum of the responses to it; nothing before they are in, or where nobody responds.
    package let responses: Contribution

    /// The totals that sums over all micro-shards are.
    package init(_ whole: Contribution, responses: Contribution = .nothing) {
        self.whole = whole
        self.responses = responses
    }

    /// The counts, if there are as many as the objective knows of.
    package func counts(_ number: Int, for objective: some Objective) throws -> [Double] {
        guard whole.counts.count == number else { throw mismatch(objective) }
        return whole.counts
    }

    /// The error of totals that another objective, or another recipe, made.
    package func mismatch(_ objective: some Objective) -> ObjectiveError {
        ObjectiveError(
            "\(type(of: objective).name) was given totals it did not ask for (\(whole.shape)): "
                + "coordinator and worker follow different recipes.")
    }
}
