import Tensors

/// Collects parameters' gradients into buckets while backward produces them.
struct GradientBuckets {
    private let layout: BucketLayout
    private var slots: [LeafID: Int] = [:]
    private var missing: [Int]
    private var pieces: [[(offset: Int, gradient: Tensor)]]

    /// Empty buckets; `variables` are the student's trained parameters, which the layout begins with.
    init(_ layout: BucketLayout, _ variables: [(name: String, tensor: Tensor)]) {
        self.layout = layout
        for (place, variable) in variables.enumerated() {
            precondition(variable.name == layout.slots[place].name, "Parameters in another order.")
            if let leaf = variable.tensor.leafID { slots[leaf] = place }
        }
        missing = layout.buckets.map(\.count)
        pieces = Array(repeating: [], count: layout.buckets.count)
    }

    /// Adds the gradient of a leaf; returns its bucket if that is complete now.
    mutating func take(_ gradient: Tensor, of leaf: LeafID) -> (bucket: Int, flat: Tensor)? {
        slots[leaf].flatMap { take(gradient, at: $0) }
    }

    /// Adds the gradient of the parameter at a place in the layout; nil is zero.
    mutating func take(_ gradient: Tensor?, at place: Int) -> (bucket: Int, flat: Tensor)? {
        let slot = layout.slots[place]
        if let gradient { pieces[slot.bucket].append((slot.offset, gradient)) }
        missing[slot.bucket] -= 1
        return missing[slot.bucket] == 0 ? (slot.bucket, flat(slot.bucket)) : nil
    }

    /// The buckets with parameters that the loss does not depend on, whose gradient is zero.
    mutating func remaining() -> [(bucket: Int, flat: Tensor)] {
        // In the order in which buckets are sent otherwise: the last one first.
        missing.indices.reversed().filter { missing[$0] > 0 }.map { ($0, flat($0)) }
    }

    private mutating func flat(_ bucket: Int) -> Tensor {
        var flat = FlatAssembler(count: layout.count(of: bucket))
        for piece in pieces[bucket] { flat.write(piece.gradient, at: piece.offset) }
        pieces[bucket] = []
        return flat.finished()
    }
}
