import Foundation
import Reporting
import Tensors

/// The time of a case, compared with its reference and its bound.
struct KernelTiming: Encodable {
    let name: String
    let shape: String
    let milliseconds: Double
    /// 10⁹ operations or bytes per second, whichever bounds the case.
    let rate: Double
    /// `GFLOP/s` or `GB/s`.
    let unit: String
    /// The bound's time divided by the measured time.
    let shareOfBound: Double
    /// The reference's time divided by the measured time; nil without a reference.
    let timesReference: Double?

    enum CodingKeys: String, CodingKey {
        case name, shape, rate, unit
        case milliseconds = "ms"
        case shareOfBound = "share_of_bound"
        case timesReference = "times_twin"
    }

    /// Times a case: at least five repetitions and 0.2 s, at most 400 repetitions.
    init(_ kernel: KernelCase, bounds: MeasuredBounds, withReference: Bool) throws {
        let trial = try kernel.trial()
        var seconds: [Double] = []
        var spent = 0.0
        for number in 0... {
            let body = try trial.repetition()
            let start = ContinuousClock.now
            try body()
            let taken = (ContinuousClock.now - start) / .seconds(1)
            spent += taken
            // The first two repetitions fill caches and buffer pools.
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
        // Once: a reference takes many times longer, and its time needs less precision.
        timesReference = try (withReference ? trial.reference : nil).map { reference in
            try Timing(warmUp: 0, passes: 1, reference.run).least / reference.share / median
        }
    }
}

/// The processor's rates, measured at initialisation.
struct MeasuredBounds: Encodable, CustomStringConvertible {
    /// Floating-point operations per second.
    let arithmetic: Double
    /// Bytes per second by footprint.
    let bandwidths: [Step]

    struct Step: Encodable {
        let bytes: Int
        let rate: Double
    }

    /// A line with the rate of multiply-adds and the triad's bandwidth by footprint.
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
        // From 16 KiB, in the first cache level, to 256 MiB, in main memory.
        bandwidths = stride(from: 14, through: 28, by: 2).map {
            Step(bytes: 1 << $0, rate: ProcessorBounds.bandwidth(bytes: 1 << $0))
        }
    }

    /// The bandwidth of a footprint, interpolated linearly over its logarithm.
    func bandwidth(bytes: Double) -> Double {
        guard let above = bandwidths.firstIndex(where: { Double($0.bytes) > bytes }) else {
            return bandwidths[bandwidths.count - 1].rate
        }
        guard above > 0 else { return bandwidths[0].rate }
        let (low, high) = (bandwidths[above - 1], bandwidths[above])
        // On a logarithmic scale, since each measured size is four times the previous one.
        let place = log(bytes / Double(low.bytes)) / log(Double(high.bytes) / Double(low.bytes))
        return low.rate + place * (high.rate - low.rate)
    }
}
