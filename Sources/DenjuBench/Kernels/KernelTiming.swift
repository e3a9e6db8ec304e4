import Foundation
import Reporting
import Tensors

/// How fast a case ran, beside its twin and its bound.
struct KernelTiming: Encodable {
    let name: String
    let shape: String
    let milliseconds: Double
    /// Operations or bytes a second, in thousands of millions: of what bounds the case.
    let rate: Double
    /// `GFLOP/s` or `GB/s`.
    let unit: String
    /// The bound's time over the time taken.
    let shareOfBound: Double
    /// The twin's time over the time taken; nil without a twin.
    let timesTwin: Double?

    enum CodingKeys: String, CodingKey {
        case name, shape, rate, unit
        case milliseconds = "ms"
        case shareOfBound = "share_of_bound"
        case timesTwin = "times_twin"
    }

    /// Times a case: at least five repetitions, and as many as a fifth of a second holds.
    init(_ kernel: KernelCase, bounds: MeasuredBounds, withTwin: Bool) throws {
        let trial = try kernel.trial()
        var seconds: [Double] = []
        var spent = 0.0
        for number in 0... {
            let body = try trial.repetition()
            let start = ContinuousClock.now
            try body()
            let taken = (ContinuousClock.now - start) / .seconds(1)
            spent += taken
            if number >= 2 { seconds.append(taken) }
            if seconds.count >= 5 && (spent > 0.2 || seconds.count >= 400) { break }
        }
        let median = seconds.median
        name = kernel.name
        shape = kernel.shape
        milliseconds = median * 1e3
        let bandwidth = bounds.bandwidth(bytes: kernel.work.bytes)
        let arithmetic = kernel.work.operations / bounds.arithmetic
        let movement = kernel.work.bytes / bandwidth
        let isArithmetic = arithmetic > movement
        rate = (isArithmetic ? kernel.work.operations : kernel.work.bytes) / median * 1e-9
        unit = isArithmetic ? "GFLOP/s" : "GB/s"
        shareOfBound = max(arithmetic, movement) / median
        timesTwin = try (withTwin ? trial.twin : nil).map { twin in
            try Timing(warmUp: 0, passes: 1, twin.run).least / twin.share / median
        }
    }
}

/// What the processor can do, as measured just now.
struct MeasuredBounds: Encodable, CustomStringConvertible {
    /// Operations a second.
    let arithmetic: Double
    /// Bytes a second for so many bytes.
    let bandwidths: [Step]

    struct Step: Encodable {
        let bytes: Int
        let rate: Double
    }

    /// A line: the rate of multiply-adds, and that of the triad by footprint.
    var description: String {
        func giga(_ rate: Double) -> Int { Int((rate * 1e-9).rounded()) }
        let steps = bandwidths.map { step in
            let size = step.bytes < 1 << 20 ? "\(step.bytes >> 10) KiB" : "\(step.bytes >> 20) MiB"
            return "\(giga(step.rate)) of \(size)"
        }
        return "multiply-adds \(giga(arithmetic)) GFLOP/s; triad, GB/s: "
            + steps.joined(separator: ", ")
    }

    init() {
        arithmetic = ProcessorBounds.arithmetic()
        bandwidths = stride(from: 14, through: 28, by: 2).map {
            Step(bytes: 1 << $0, rate: ProcessorBounds.bandwidth(bytes: 1 << $0))
        }
    }

    /// The bandwidth of a footprint, between measured ones on a line over its logarithm.
    func bandwidth(bytes: Double) -> Double {
        guard let above = bandwidths.firstIndex(where: { Double($0.bytes) > bytes }) else {
            return bandwidths[bandwidths.count - 1].rate
        }
        guard above > 0 else { return bandwidths[0].rate }
        let (low, high) = (bandwidths[above - 1], bandwidths[above])
        let place = log(bytes / Double(low.bytes)) / log(Double(high.bytes) / Double(low.bytes))
        return low.rate + place * (high.rate - low.rate)
    }
}
