package import Networks
import Settings
package import Tensors

/// Distribution of each channel's activity over the points of a cloud, compared with the teacher's
/// (channel-wise distillation, Shu et al., ICCV 2021).
///
/// A linear projector without bias gives the student the teacher's channels, P = F_S Wᵀ. Each
/// channel of a cloud is made a distribution over the cloud's points by a softmax, and
///
///     L = T² / (B d_T) Σ_clouds Σ_channels KL( softmax_n(F_T[n,c] / T) || softmax_n(P[n,c] / T) )
///
/// over the B clouds of the mini-batch that have points. (A bias would change nothing: a softmax
/// does not see a constant.) Backward: T / (B d_T) (q - p) by P.
///
/// A softmax couples the points of one cloud only. Cost O(N d_S d_T). Contributes B. Grade: exact (as in
/// CIRKD's released code, which uses a projector only where the widths differ, and there divides by d_S
/// instead of the d_T that it compares). SRKD lists it among the methods it is compared with (T = 2,
/// weight 1000), so no preset includes it.
package struct ChannelDistribution: Objective {
    /// The name in recipes and logs: `feature.channel`.
    package static let name = "feature.channel"

    /// T > 0.
    package var temperature: Double

    /// Channel distributions at a temperature.
    package init(temperature: Double = 2) {
        precondition(temperature > 0, "A temperature is positive.")
        self.temperature = temperature
    }

    /// The teacher's features.
    package var needs: Needs { .teacherFeatures }

    /// The Swift expression that makes it: `ChannelDistribution(temperature: 2)`.
    package var description: String {
        formula(of: Self.self, [("temperature", short(temperature))])
    }

    /// The projector's weight: `projector.weight`.
    package func parameters(for pair: NetworkPair) throws -> [ParameterSpecification] {
        let scope = ParameterScope()
        let widths = try pair.widths(for: self)
        _ = Linear(
            scope["projector"], inputs: widths.student, outputs: widths.teacher, bias: false)
        return scope.declared
    }

    /// One count.
    package func exchange(for pair: NetworkPair) throws -> ExchangeForm { .counts(1) }

    /// One count: the clouds that have points.
    package func contribution(of input: ObjectiveInput) throws -> Contribution {
        _ = try input.teacher(for: self)
        return Contribution(counts: [Double(input.featureRanges.count { !$0.isEmpty })])
    }

    /// This micro-shard's clouds' share of the mean.
    package func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        let clouds = try totals.counts(1, for: self)[0]
        let teacher = try input.teacher(for: self).features
        let projected = input.student.features.linear(input.parameters["projector.weight"])
        let channels = teacher.columns
        let scale = temperature * temperature / (max(clouds, 1) * Double(channels))
        let step = Float(scale / temperature)
        let constant = projected.detached
        var loss = 0.0
        let gradient = Tensor(rows: constant.rows, columns: channels) { gradient in
            for range in input.featureRanges where !range.isEmpty {
                // Transposed, because the kernel computes the softmax of rows and here each channel is a row.
                let (divergences, difference) = constant.transposed(range).softmaxDivergence(
                    to: teacher.transposed(range), temperature: Float(temperature))
                loss += scale * divergences.reduce(0, +)
                difference.withValues { difference in
                    for channel in 0..<channels {
                        for (place, row) in range.enumerated() {
                            gradient[row * channels + channel] =
                                step * difference[channel * range.count + place]
                        }
                    }
                }
            }
        }
        return .share("channel distribution", of: projected, value: loss, gradient: gradient)
    }
}

extension Tensor {
    /// The given rows as columns: columns x rows.
    fileprivate func transposed(_ range: Range<Int>) -> Tensor {
        withValues { values in
            Tensor(rows: columns, columns: range.count) { transposed in
                for (place, row) in range.enumerated() {
                    for column in 0..<columns {
                        transposed[column * range.count + place] = values[row * columns + column]
                    }
                }
            }
        }
    }
}

extension ChannelDistribution {
    /// Its catalogue entry.
    static let entry = ObjectiveEntry(
        name: name,
        formula: "T² mean over clouds and channels of KL between softmaxes over a cloud's points",
        source: "CWD (Shu et al., ICCV 2021), as CIRKD's code has it",
        grade: .exact,
        settings: [.init("temperature", "2", "T, above 0")]
    ) { read in
        .init(
            objective: ChannelDistribution(
                temperature: try read.positive("temperature", default: 2)),
            weight: 1)
    }
}
