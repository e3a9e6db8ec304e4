import ArgumentParser
import Cluster
import Foundation
import Tensors
import ZeroMQ

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Checks libraries, processor features and numerics, and recommends settings.",
        discussion: """
            Example: denju doctor

            Machines with equal canaries compute identical bits and can take part in the same run.
            """)

    func run() throws {
        try reporting {
            let numerics = Numerics.fingerprint()
            let environment = ProcessInfo.processInfo.environment
            print("denju            \(Version.current)")
            print("processors       \(ProcessInfo.processInfo.activeProcessorCount)")
            print("memory           \(ProcessInfo.processInfo.physicalMemory >> 20) MiB")
            print(
                "OpenBLAS core    \(numerics.coreName)"
                    + (environment["OPENBLAS_CORETYPE"].map { " (set by OPENBLAS_CORETYPE=\($0))" }
                        ?? ""))
            print("kernels          v\(numerics.kernelWidth)")
            print("canary           \(numerics.hash.map { String(format: "%02x", $0) }.joined())")
            print(
                "ZeroMQ           \(ZeroMQLibrary.version), CURVE \(ZeroMQLibrary.hasCurve ? "yes" : "no")"
            )
            let speed = productSpeed()
            print(String(format: "matrix products  %.0f GFLOP/s on one thread", speed * 1e-9))
            // Workers with different canaries are rejected, so that the setting must agree on all
            // machines of a run.
            if numerics.kernelWidth == 4, environment["OPENBLAS_CORETYPE"] == "Haswell" {
                print(
                    "advice           this processor has AVX-512, but OPENBLAS_CORETYPE=Haswell "
                        + "keeps OpenBLAS to AVX2: unset it on every machine of a run that has AVX-512"
                )
            }
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
