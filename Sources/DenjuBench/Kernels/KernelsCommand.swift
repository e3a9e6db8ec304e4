import ArgumentParser
import Foundation
import OpenBLAS
import Reporting
import Telemetry
import Tensors

struct KernelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernels",
        abstract: "Times operations against their references and bounds, on one thread.",
        discussion: """
            Examples:
              denju-bench kernels
              denju-bench kernels --only convolution --only mlp

            The bound of an operation is the longer of two times: its floating-point operations at \
            the rate of independent multiply-adds in registers, and the bytes it must read and \
            write at the bandwidth of a triad over as many bytes. Both rates are measured first. The \
            reference is the Float64 implementation with which tests compare the operation.
            """)

    @Option(name: .long, help: "Only operations whose name has this prefix; repeatable.")
    var only: [String] = []
    @Option(name: .long, help: "Voxels of the cloud that determines the shapes.")
    var points = 20_000
    @Flag(name: .long, help: "Omit the references, which take most of the time.")
    var noTwins = false
    @Flag(name: .long, help: "Print one JSON object instead of a table.")
    var json = false

    private struct Report: Encodable {
        let blasCore: String
        let kernelWidth: Int
        let bounds: MeasuredBounds
        let kernels: [KernelTiming]

        enum CodingKeys: String, CodingKey {
            case bounds, kernels
            case blasCore = "blas_core"
            case kernelWidth = "kernel_width"
        }
    }

    func run() throws {
        try reporting {
            let scene = try KernelScene(points: points)
            let all =
                ProductCases(scene: scene).all + GeometryCases(scene: scene).all
                + NormCases(scene: scene).all + CloudCases(scene: scene).all
            let cases =
                only.isEmpty
                ? all : all.filter { kernel in only.contains { kernel.name.hasPrefix($0) } }
            guard !cases.isEmpty else {
                let names = Set(all.map { $0.name.replacing(", back", with: "") }).sorted()
                throw UserError(
                    "--only \(only.joined(separator: ", ")) matches no operation. The operations are "
                        + names.joined(separator: ", ") + ".")
            }
            let bounds = MeasuredBounds()
            let progress = ProgressDisplay(
                "timing", total: cases.count, unit: "operation", isShown: !json)
            let timings = try cases.map { kernel in
                defer { progress.advance() }
                return try KernelTiming(kernel, bounds: bounds, withReference: !noTwins)
            }
            progress.finish()
            let numerics = Numerics.fingerprint()
            if json {
                let report = Report(
                    blasCore: numerics.coreName, kernelWidth: numerics.kernelWidth, bounds: bounds,
                    kernels: timings)
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys]
                print(String(decoding: try encoder.encode(report), as: UTF8.self))
            } else {
                print("OpenBLAS core \(numerics.coreName), kernels v\(numerics.kernelWidth)")
                print(bounds.description)
                print(table(timings))
            }
        }
    }

    private func table(_ timings: [KernelTiming]) -> String {
        var table = TextTable([
            "operation", "shape", "ms", "rate", .init("", isRightAligned: false), "of bound",
            "times reference",
        ])
        for timing in timings {
            table.add([
                timing.name, timing.shape, String(format: "%.3f", timing.milliseconds),
                String(format: "%.1f", timing.rate), timing.unit,
                String(format: "%.0f %%", 100 * timing.shareOfBound),
                timing.timesReference.map { String(format: "%.0f", $0) } ?? "-",
            ])
        }
        return table.description
    }
}
