internal import CKernels

extension Tensor {
    /// Multi-head softmax attention within patches of rows.
    ///
    /// `self` is rows x 3C: the queries of all heads, then the keys, then the values; head h has
    /// the columns h * d ..< (h + 1) * d of each, d = C / heads. For a query i and the keys j of
    /// its patch, in each head:
    ///
    /// Forward: `p_j = exp(q_i · k_j / √d) / Σ_j exp(q_i · k_j / √d)`, `y_i = Σ_j p_j v_j`.
    /// Backward: `dv_j += p_j dy_i`, `ds_j = p_j (dy_i · v_j - dy_i · y_i)`,
    /// `dq_i = Σ_j ds_j k_j / √d`, `dk_j += ds_j q_i / √d`. A row that several patches read as a
    /// key receives the sum of its gradients, in the order of the patches.
    ///
    /// Scores are in memory only as a tile that stays in the first-level cache: largest score and
    /// sum are updated with the keys (Milakov and Gimelshein, arXiv 1805.02867; Dao et
    /// al., FlashAttention, arXiv 2205.14135), and backward recomputes them from two numbers kept
    /// for each row and head. Cost: 4 · queries · keys · d operations a head forward, 10 backward.
    ///
    /// - Returns: rows x C.
    public func patchAttention(heads: Int, plan: PatchPlan) -> Tensor {
        precondition(
            heads > 0 && columns % (3 * heads) == 0,
            "Attention of \(heads) heads cannot divide \(columns) columns by queries, keys, values."
        )
        precondition(rows == plan.rows, "Attention of \(rows) rows with a plan of \(plan.rows).")
        let channels = columns / 3
        let y = Tensor.uninitialized(rows: rows, columns: channels)
        let softmax =
            requiresGradient ? Tensor.uninitialized(rows: rows, columns: 2 * heads) : nil
        // The mean patch: patches of a plan differ little, except the last of a cloud.
        let perPatch = plan.keys.count / max(plan.patches, 1)
        let cost = 4 * channels * perPatch * perPatch
        ThreadTeam.forRows(plan.patches, operations: cost, grain: 1) { patches in
            unsafe plan.starts.withUnsafeBufferPointer { starts in
                unsafe plan.queries.withUnsafeBufferPointer { queries in
                    guard let starts = starts.baseAddress, let queries = queries.baseAddress else {
                        return
                    }
                    unsafe dj_patch_attention(
                        storage.base, channels, heads, patches.count, starts + patches.lowerBound,
                        plan.keys, queries + patches.lowerBound, y.storage.base,
                        softmax?.storage.base)
                }
            }
        }
        // Without a tape nothing more is kept than the result.
        guard let softmax else { return y }
        let qkv = detached
        return .operation("patchAttention", self, value: y) { [qkv, y, softmax, plan] dy in
            let dqkv = Tensor.uninitialized(rows: qkv.rows, columns: qkv.columns)
            unsafe dj_patch_attention_gradient(
                qkv.storage.base, qkv.rows, channels, heads, plan.patches, plan.starts, plan.keys,
                plan.queries, y.storage.base, softmax.storage.base, dy.storage.base,
                dqkv.storage.base)
            return dqkv
        }
    }
}
