package import Tensors

/// Places of parameters in the buckets of about one mebibyte in which they are sent.
///
/// Buckets are filled in the parameters' order, each parameter wholly in one bucket. Backward completes
/// the last parameters first, so the last bucket is sent first.
package struct BucketLayout: Sendable, Equatable {
    /// Place of a parameter.
    package struct Slot: Sendable, Equatable {
        /// The parameter's name.
        package let name: String
        /// The parameter's shape in files.
        package let shape: [Int]
        /// The bucket that holds it.
        package let bucket: Int
        /// The offset in the bucket, in values.
        package let offset: Int
        /// The number of values.
        package let count: Int
    }

    /// One slot per parameter, in the parameters' order.
    package let slots: [Slot]
    /// The places in `slots` of each bucket's parameters.
    package let buckets: [Range<Int>]

    /// The number of values after which a new bucket begins: one mebibyte of Float32.
    // Large enough that a message's overhead does not count, small enough that sending begins early in
    // the backward pass.
    package static let capacity = 1 << 18

    /// The layout of parameters of the given names and shapes.
    package init(_ parameters: [(name: String, shape: [Int])], capacity: Int = Self.capacity) {
        var slots: [Slot] = []
        var buckets: [Range<Int>] = []
        var first = 0
        var filled = 0
        for (index, parameter) in parameters.enumerated() {
            let count = parameter.shape.reduce(1, *)
            if filled > 0 && filled + count > capacity {
                buckets.append(first..<index)
                first = index
                filled = 0
            }
            slots.append(
                Slot(
                    name: parameter.name, shape: parameter.shape, bucket: buckets.count,
                    offset: filled, count: count))
            filled += count
        }
        if first < parameters.count { buckets.append(first..<parameters.count) }
        self.slots = slots
        self.buckets = buckets
    }

    /// The number of values in a bucket.
    package func count(of bucket: Int) -> Int {
        guard let last = buckets[bucket].last else { return 0 }
        return slots[last].offset + slots[last].count
    }

    /// The weights as one flat tensor per bucket; names and sizes must be those of the layout.
    package func packed(_ weights: Weights) -> [Tensor] {
        buckets.indices.map { bucket in
            var flat = FlatAssembler(count: count(of: bucket))
            for slot in slots[buckets[bucket]] {
                guard let tensor = weights[slot.name] else {
                    preconditionFailure("No weight is called \(slot.name).")
                }
                flat.write(tensor, at: slot.offset)
            }
            return flat.finished()
        }
    }

    /// The weights in the buckets.
    package func unpacked(_ buckets: [Tensor]) -> Weights {
        Weights(
            slots.map { slot in
                let (rows, columns) = matrixShape(slot.shape)
                return NamedTensor(
                    name: slot.name, shape: slot.shape,
                    tensor: buckets[slot.bucket].unpacked(
                        at: slot.offset, rows: rows, columns: columns))
            })
    }
}

/// Rows and columns of a shape in files: the first dimension is rows, one dimension is one row.
func matrixShape(_ shape: [Int]) -> (rows: Int, columns: Int) {
    shape.count < 2 ? (1, shape.first ?? 1) : (shape[0], shape.dropFirst().reduce(1, *))
}
