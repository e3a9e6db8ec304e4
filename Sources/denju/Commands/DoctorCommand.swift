import ArgumentParser
import Cluster
import Foundation
import OpenBLAS
import Reporting
import Tensors
import ZeroMQ

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Checks libraries, processor features and numerics, and recommends settings.",
        discussion: """
            Example: denju doctor

            Machines with equal canaries compute identical bits and can take part in the same run. \
            DENJU_KERNEL_WIDTH (4 for AVX-512, 3 for AVX2, 0 for neither) lets every command use \
            narrower kernels than the processor has, for comparisons: the bits are the same.
            """)

    func run() throws {
        try reporting {
            let numerics = Numerics.fingerprint()
            print("denju            \(Version.current)")
            print("processors       \(ProcessInfo.processInfo.activeProcessorCount)")
            print("memory           \(ProcessInfo.processInfo.physicalMemory >> 20) MiB")
            print(
                "OpenBLAS core    \(numerics.coreName) (a reference in benchmarks; no result depends "
                    + "on it)")
            print("kernels          v\(numerics.kernelWidth)")
            print("canary           \(numerics.hash.map { String(format: "%02x", $0) }.joined())")
            print(
                "ZeroMQ           \(ZeroMQLibrary.version), CURVE \(ZeroMQLibrary.hasCurve ? "yes" : "no")"
            )
            let speed = productSpeed()
            print(String(format: "matrix products  %.0f GFLOP/s on one thread", speed * 1e-9))
            #if arch(x86_64)
                if numerics.kernelWidth == 0 {
                    print(
                        "advice           without AVX2 and fused multiply-add the same bits take many "
                            + "times as long")
                }
            #endif
            if !ZeroMQLibrary.hasCurve {
                print(
                    "advice           this libzmq has no CURVE: use loopback only, or install one with it"
                )
            }
        }
    }
}

/// Floating-point operations per second of a matrix product on one thread.
private func productSpeed() -> Double {
    let size = 512
    let a = Tensor(rows: size, columns: size, filledWith: 0.5)
    // The first product packs buffers and touches their pages.
    _ = a.matmul(a)
    let clock = ContinuousClock()
    let times = (0..<5).map { _ in clock.measure { _ = a.matmul(a) } / .seconds(1) }
    return 2 * Double(size * size * size) / times.min()!
}
