internal import CKernels

extension Tensor {
    /// The submanifold sparse convolution: each row sums over its neighbours on the voxel grid,
    /// one weight matrix for each place in the kernel, without new rows.
    ///
    /// Forward: `y[p] = bias + Σ_k W_k f[neighbour_k(p)]`, a cross-correlation as in Graham,
    /// Engelcke and van der Maaten, "3D semantic segmentation with submanifold sparse
    /// convolutional networks" (CVPR 2018).
    /// Backward: `df[q] = Σ_k W_kᵀ dy[p]` over the pairs whose input is q (the same map, mirrored:
    /// if q is p's neighbour at place k, p is q's at place volume - 1 - k),
    /// `dW_k = Σ dy[p] f[q]ᵀ` over the pairs of place k, `dbias = Σ dy[p]`.
    ///
    /// Sums run over the places in the map's order. Cost: 2 · pairs · in · out operations each way;
    /// the only memory beside the result is a packed copy of the weights, kept with them.
    ///
    /// - Parameters:
    ///   - weight: out x (volume * in): the public layout [out, kx, ky, kz, in], flattened.
    ///   - bias: 1 x out.
    ///   - map: the pairs, of a kernel with an odd number of places.
    /// - Returns: rows x out.
    public func submanifoldConvolution(
        weight: Tensor, bias: Tensor? = nil, map: KernelMap
    ) -> Tensor {
        precondition(
            rows == map.rows, "A convolution of \(rows) rows with a map of \(map.rows).")
        precondition(
            weight.columns == map.volume * columns,
            "A kernel of \(map.volume) places over \(columns) channels has not \(weight.columns) weights."
        )
        if let bias { precondition(bias.count == weight.rows, "convolution: one bias an output.") }
        let y = Tensor.uninitialized(rows: rows, columns: weight.rows)
        let packed = weight.packed(volume: map.volume)
        if packed.packing?.precision == .bfloat16 {
            unsafe dj_convolve_bfloat(
                storage.base, columns, packed.base, weight.rows, bias?.storage.base, rows,
                map.volume, map.starts, map.inputs, map.outputs, y.storage.base)
        } else {
            let cost = 2 * columns * weight.rows * max(map.inputs.count / max(rows, 1), 1)
            ThreadTeam.forRows(rows, operations: cost) { range in
                unsafe dj_convolve(
                    storage.base, columns, packed.base, weight.rows, bias?.storage.base,
                    range.lowerBound, range.upperBound, map.volume, map.starts, map.inputs,
                    map.outputs, y.storage.base)
            }
        }
        let x = detached
        let w = weight.detached
        let needs = (requiresGradient, weight.requiresGradient, bias?.requiresGradient ?? false)
        return .operation(
            "submanifoldConvolution", [self, weight] + (bias.map { [$0] } ?? []), value: y
        ) { [x, w, map, needs] dy in
            let dx = needs.0 ? dy.convolutionInputGradient(weight: w, map: map) : nil
            let dw = needs.1 ? dy.convolutionWeightGradient(input: x, map: map) : nil
            let dbias = needs.2 ? dy.convolutionBiasGradient() : nil
            return [dx, dw, dbias]
        }
    }

    /// From the gradient of the result (`self`) to that of the input.
    private func convolutionInputGradient(weight: Tensor, map: KernelMap) -> Tensor {
        let channels = weight.columns / map.volume
        let dx = Tensor.uninitialized(rows: rows, columns: channels)
        // The forward kernel and the same map: the mirrored weights exchange a pair's two ends.
        unsafe dj_convolve(
            storage.base, columns, weight.packed(volume: map.volume, mirrored: true).base,
            channels, nil, 0, rows, map.volume, map.starts, map.inputs, map.outputs,
            dx.storage.base)
        return dx
    }

    private func convolutionWeightGradient(input: Tensor, map: KernelMap) -> Tensor {
        let dw = Tensor.uninitialized(rows: columns, columns: map.volume * input.columns)
        unsafe dj_convolve_weight_gradient(
            input.storage.base, input.columns, storage.base, columns, rows, map.volume,
            map.starts, map.inputs, map.outputs, dw.storage.base)
        return dw
    }

    private func convolutionBiasGradient() -> Tensor {
        let dbias = Tensor.uninitialized(rows: 1, columns: columns)
        unsafe dj_convolve_bias_gradient(storage.base, rows, columns, dbias.storage.base)
        return dbias
    }
}
